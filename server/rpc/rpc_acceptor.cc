#include "server/rpc/rpc_acceptor.h"

#include "grpcpp/impl/rpc_service_method.h"
#include "server/rpc/server_stream.h"
#include "server/rpc/unary_call.h"

namespace chatgate {
namespace {

using grpc::internal::RpcMethod;
using grpc::internal::RpcServiceMethod;

// Calls of one method that a queue takes without its thread asking for more.
constexpr int kCallsAhead = 16;
constexpr int kStreamsAhead = 4;

bool Streams(const RpcService::Method& method) {
  return method.descriptor->server_streaming();
}

}  // namespace

RpcAcceptor::RpcAcceptor(const RpcService& service) : service_(service) {
  int index = 0;
  for (const RpcService::Method& method : service_.methods()) {
    AddMethod(new RpcServiceMethod(
        method.path.c_str(),
        Streams(method) ? RpcMethod::SERVER_STREAMING : RpcMethod::NORMAL_RPC,
        nullptr));
    MarkMethodRaw(index++);
  }
}

void RpcAcceptor::Begin(RpcQueue& queue) {
  for (size_t i = 0; i < service_.methods().size(); ++i) {
    const int ahead = Streams(method(i)) ? kStreamsAhead : kCallsAhead;
    for (int n = 0; n < ahead; ++n) Accept(i, queue);
  }
}

void RpcAcceptor::Accept(size_t index, RpcQueue& queue) {
  // Each owns itself.
  if (Streams(method(index))) {
    new ServerStream(*this, index, queue);
  } else {
    new UnaryCall(*this, index, queue);
  }
}

void RpcAcceptor::RequestCall(
    size_t index, grpc::ServerContext& context, grpc::ByteBuffer& request,
    grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>& writer, RpcQueue& queue,
    RpcTag& tag) {
  RequestAsyncUnary(static_cast<int>(index), &context, &request, &writer,
                    queue.queue(), queue.queue(), &tag);
}

void RpcAcceptor::RequestStream(
    size_t index, grpc::ServerContext& context, grpc::ByteBuffer& request,
    grpc::ServerAsyncWriter<grpc::ByteBuffer>& writer, RpcQueue& queue,
    RpcTag& tag) {
  RequestAsyncServerStreaming(static_cast<int>(index), &context, &request,
                              &writer, queue.queue(), queue.queue(), &tag);
}

}  // namespace chatgate
