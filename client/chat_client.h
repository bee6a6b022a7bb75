#ifndef CHATGATE_CLIENT_CHAT_CLIENT_H_
#define CHATGATE_CLIENT_CHAT_CLIENT_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chatgate/v1/chat_service.pb.h"
#include "client/backoff.h"
#include "client/waiter.h"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace chatgate {

struct ClientOptions {
  // `HOST:PORT` of the gateway. Required.
  std::string server = {};
  // The caller's token; empty sends none.
  std::string token = {};
  // PEM of the roots that signed the gateway's certificate; set: TLS.
  std::optional<std::string> tls_roots = {};
  // How long a call may take, retries included, unless the call says otherwise.
  absl::Duration default_deadline = absl::Seconds(10);
  // Waits between the attempts of a call.
  BackoffOptions backoff{absl::Milliseconds(100), absl::Seconds(2), 2.0, {}};
  // Outlives the client.
  Waiter* waiter = &Waiter::System();
};

struct CallOptions {
  // How long the call may take, retries included. Unset: `default_deadline`.
  std::optional<absl::Duration> deadline = {};
  // False: one attempt, whatever happens.
  bool retry = true;
};

// ChatClient calls one Chatgate.
//
//   ASSIGN_OR_RETURN(auto client, ChatClient::Connect({"localhost:50051",
//   token})); v1::GetConversationRequest request;
//   request.set_conversation_id(1);
//   v1::GetConversationResponse response;
//   RETURN_IF_ERROR(client->GetConversation(request, &response));
//
// Retries: UNAVAILABLE, and whatever carries RetryInfo, is sent again after a
// jittered wait that honours RetryInfo, within the deadline, where that is
// safe: reads, idempotent calls, and calls with a `request_id`. Where a request
// has that field and leaves it empty, the client makes one up, the same for all
// attempts of the call. To be safe beyond one call (a restart of the program),
// choose it yourself.
//
// Threads: any, at once. A call blocks; never call from a gRPC callback.
// Errors: what the gateway said, readable through client/status.h;
// DEADLINE_EXCEEDED leaves open whether a change has happened.
// Lifetime: outlives its subscriptions.
class ChatClient {
 public:
  // Opens no connection yet: that happens with the first call, and again
  // whenever it is lost. INVALID_ARGUMENT: `server` is not HOST:PORT.
  static absl::StatusOr<std::unique_ptr<ChatClient>> Connect(
      ClientOptions options);
  // Over a channel that is there already; `server` and `tls_roots` are unused.
  static std::unique_ptr<ChatClient> Over(
      std::shared_ptr<grpc::Channel> channel, ClientOptions options);
  ~ChatClient();

  // Calls the unary RPC of that name. NOT_FOUND: there is none;
  // INVALID_ARGUMENT: request or response are not its messages.
  absl::Status Call(absl::string_view rpc,
                    const google::protobuf::Message& request,
                    google::protobuf::Message* response,
                    const CallOptions& options = {});

#define CHATGATE_CALL(Rpc)                            \
  absl::Status Rpc(const v1::Rpc##Request& request,   \
                   v1::Rpc##Response* response,       \
                   const CallOptions& options = {}) { \
    return Call(#Rpc, request, response, options);    \
  }
#include "client/rpc_list.inc"
#undef CHATGATE_CALL

  // The unary methods that Call knows: those of ChatService, then those of
  // OperationsService and RecordService, in the order of the protos.
  static std::vector<const google::protobuf::MethodDescriptor*> Methods();

  // For Subscription.
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  // Adds the caller's token.
  void Authorize(grpc::ClientContext& context) const;

 private:
  ChatClient(std::shared_ptr<grpc::Channel> channel, ClientOptions options);
  absl::Status CallWithRetries(const google::protobuf::MethodDescriptor& method,
                               const google::protobuf::Message& request,
                               google::protobuf::Message* response,
                               const CallOptions& options);

  const ClientOptions options_;
  const std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_CHAT_CLIENT_H_
