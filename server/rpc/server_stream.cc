#include "server/rpc/server_stream.h"

#include <utility>

#include "server/rpc/rpc_acceptor.h"

namespace chatgate {

ServerStream::ServerStream(RpcAcceptor& acceptor, size_t method,
                           RpcQueue& queue)
    : acceptor_(acceptor), method_(method), queue_(queue) {
  context_.AsyncNotifyWhenDone(over_.tag());
  acceptor_.RequestStream(method_, context_, request_, writer_, queue_,
                          requested_);
}

void ServerStream::Run(std::function<void()> task) {
  queue_.Run(std::move(task));
}

void ServerStream::Write(const grpc::ByteBuffer& response) {
  writer_.Write(response, written_.tag());
}

void ServerStream::WriteAndFinish(const grpc::ByteBuffer& last,
                                  const grpc::Status& status) {
  writer_.WriteAndFinish(last, grpc::WriteOptions(), status, finished_.tag());
}

void ServerStream::Finish(const grpc::Status& status) {
  writer_.Finish(status, finished_.tag());
}

void ServerStream::OnRequested(bool ok) {
  if (!ok) {  // The server shuts down; nothing else will come.
    delete this;
    return;
  }
  queue_.BeginCall();
  acceptor_.Accept(method_, queue_);
  const RpcService::Method& method = acceptor_.method(method_);
  if (!method.on_stream) {
    return Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED,
                               "this gateway does not serve the method"));
  }
  method.on_stream(*this);
}

void ServerStream::OnWritten(bool ok) { listener_->OnWriteDone(ok); }

void ServerStream::OnFinished(bool /*ok*/) {
  is_finished_ = true;
  EndIfOver();
}

void ServerStream::OnOver(bool /*ok*/) {
  is_over_ = true;
  if (!is_finished_ && listener_ != nullptr && context_.IsCancelled()) {
    listener_->OnCancel();
  }
  EndIfOver();
}

void ServerStream::EndIfOver() {
  if (!is_finished_ || !is_over_) return;
  if (listener_ != nullptr) listener_->OnDone();
  RpcQueue& queue = queue_;
  delete this;
  queue.EndCall();
}

}  // namespace chatgate
