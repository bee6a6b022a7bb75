#include "server/rpc/unary_call.h"

#include "server/rpc/rpc_acceptor.h"
#include "server/rpc/rpc_bytes.h"

namespace chatgate {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;

std::unique_ptr<Message> New(const Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(type)
          ->New());
}

}  // namespace

UnaryCall::UnaryCall(RpcAcceptor& acceptor, size_t method, RpcQueue& queue)
    : acceptor_(acceptor), method_(method), queue_(queue) {
  acceptor_.RequestCall(method_, context_, bytes_, writer_, queue_, *this);
}

void UnaryCall::Proceed(bool ok) {
  if (begun_) {
    RpcQueue& queue = queue_;
    delete this;
    return queue.EndCall();
  }
  if (!ok) {  // The server shuts down.
    delete this;
    return;
  }
  begun_ = true;
  queue_.BeginCall();
  acceptor_.Accept(method_, queue_);
  Begin();
}

void UnaryCall::Begin() {
  const RpcService::Method& method = acceptor_.method(method_);
  if (!method.on_call) {
    return Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED,
                               "this gateway does not serve the method"));
  }
  request_ = New(method.descriptor->input_type());
  if (!ParseByteBuffer(bytes_, request_.get())) {
    return Finish(acceptor_.service().RefuseUnreadable(
        context_, WhyUnreadable(*method.descriptor->input_type())));
  }
  response_ = New(method.descriptor->output_type());
  method.on_call(*this);
}

void UnaryCall::Finish(const grpc::Status& status) {
  queue_.Run([this, status] { Answer(status); });
}

void UnaryCall::Answer(const grpc::Status& status) {
  RpcTag* const tag = this;
  if (status.ok()) {
    writer_.Finish(response_bytes_ ? ToByteBuffer(*response_bytes_)
                                   : ToByteBuffer(*response_),
                   status, tag);
  } else {
    writer_.FinishWithError(status, tag);
  }
}

}  // namespace chatgate
