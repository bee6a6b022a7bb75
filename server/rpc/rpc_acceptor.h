#ifndef CHATGATE_SERVER_RPC_RPC_ACCEPTOR_H_
#define CHATGATE_SERVER_RPC_RPC_ACCEPTOR_H_

#include <cstddef>

#include "grpcpp/impl/service_type.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/async_unary_call.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/rpc/rpc_queue.h"
#include "server/rpc/rpc_service.h"
#include "server/rpc/rpc_tag.h"

namespace chatgate {

// RpcAcceptor takes the calls of a service from a server and gives each to its
// handler. It is what the generated code would be, for bytes, from the
// descriptor: one for each service of each server.
//
// Threads: any. Lifetime: the server and its queues end first.
class RpcAcceptor final : public grpc::Service {
 public:
  explicit RpcAcceptor(const RpcService& service);

  // Accepts calls from `queue` until the server is shut down. The server has
  // started, the queue's thread has not.
  void Begin(RpcQueue& queue);

  // For calls and streams: asks for the next one of method `index`.
  const RpcService::Method& method(size_t index) const {
    return service_.methods()[index];
  }
  const RpcService& service() const { return service_; }
  void Accept(size_t index, RpcQueue& queue);
  void RequestCall(size_t index, grpc::ServerContext& context,
                   grpc::ByteBuffer& request,
                   grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>& writer,
                   RpcQueue& queue, RpcTag& tag);
  void RequestStream(size_t index, grpc::ServerContext& context,
                     grpc::ByteBuffer& request,
                     grpc::ServerAsyncWriter<grpc::ByteBuffer>& writer,
                     RpcQueue& queue, RpcTag& tag);

 private:
  const RpcService& service_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_RPC_RPC_ACCEPTOR_H_
