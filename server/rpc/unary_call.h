#ifndef CHATGATE_SERVER_RPC_UNARY_CALL_H_
#define CHATGATE_SERVER_RPC_UNARY_CALL_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_unary_call.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/rpc/rpc_tag.h"

namespace chatgate {

class RpcAcceptor;
class RpcQueue;

// UnaryCall is one call with one answer: the request as it came, and the
// response that its handler fills.
//
// Threads:  one at a time, until Finish.
// Lifetime: owns itself; the context, the request and the response live until
//           Finish, also when the client is gone before.
class UnaryCall final : private RpcTag {
 public:
  const grpc::ServerContext& context() const { return context_; }
  // Of the method's types, so that a handler may cast them.
  const google::protobuf::Message& request() const { return *request_; }
  google::protobuf::Message* response() { return response_.get(); }

  // Answers with these bytes of such a response, instead of response().
  void UseBytes(std::shared_ptr<const std::string> bytes) {
    response_bytes_ = std::move(bytes);
  }

  // Goes with the status.
  void AddTrailingMetadata(const std::string& key, const std::string& value) {
    context_.AddTrailingMetadata(key, value);
  }

  // Answers: with the response where the status is OK. Once; the call may be
  // gone when it returns.
  void Finish(const grpc::Status& status);

 private:
  friend class RpcAcceptor;  // Makes them.

  UnaryCall(RpcAcceptor& acceptor, size_t method, RpcQueue& queue);
  ~UnaryCall() = default;

  void Proceed(bool ok) override;
  void Begin();
  void Answer(const grpc::Status& status);

  RpcAcceptor& acceptor_;
  const size_t method_;
  RpcQueue& queue_;
  grpc::ServerContext context_;
  grpc::ByteBuffer bytes_;
  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> writer_{&context_};
  std::unique_ptr<google::protobuf::Message> request_;
  std::unique_ptr<google::protobuf::Message> response_;
  std::shared_ptr<const std::string> response_bytes_;
  bool begun_ = false;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_RPC_UNARY_CALL_H_
