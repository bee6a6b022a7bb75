#ifndef CHATGATE_SERVER_RPC_RPC_SERVICE_H_
#define CHATGATE_SERVER_RPC_RPC_SERVICE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/status.h"

namespace chatgate {

class ServerStream;
class UnaryCall;

// RpcService is what a server does for each method of a service in the
// contract.
//
//   service.OnCall("GetEvent", [](UnaryCall& call) { ... call.Finish(...); });
//
// Handlers run on a queue's thread: they must not block, and finish the call
// there or later on any thread. A method without a handler is UNIMPLEMENTED.
//
// Threads:  complete before it is served; then immutable.
// Lifetime: the server that it is given to ends first.
class RpcService {
 public:
  using CallHandler = std::function<void(UnaryCall&)>;
  using StreamHandler = std::function<void(ServerStream&)>;

  // What a call is answered with whose bytes are no request; `why` says so.
  using UnreadableHandler = std::function<grpc::Status(
      const grpc::ServerContext& context, const std::string& why)>;

  struct Method {
    const google::protobuf::MethodDescriptor* descriptor;
    std::string path;  // `/package.Service/Method`
    // At most one.
    CallHandler on_call;
    StreamHandler on_stream;
  };

  explicit RpcService(const google::protobuf::ServiceDescriptor& descriptor);

  // `method` is one of the contract's: a unary one, a server-streaming one.
  void OnCall(absl::string_view method, CallHandler handler);
  void OnStream(absl::string_view method, StreamHandler handler);
  // INVALID_ARGUMENT without details where there is none.
  void OnUnreadable(UnreadableHandler handler);

  // `package.Service`
  const std::string& name() const { return name_; }
  const std::vector<Method>& methods() const { return methods_; }
  grpc::Status RefuseUnreadable(const grpc::ServerContext& context,
                                const std::string& why) const;

 private:
  Method& Find(absl::string_view name);

  const std::string name_;
  std::vector<Method> methods_;
  UnreadableHandler on_unreadable_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_RPC_RPC_SERVICE_H_
