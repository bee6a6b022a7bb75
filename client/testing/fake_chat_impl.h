#ifndef CHATGATE_CLIENT_TESTING_FAKE_CHAT_IMPL_H_
#define CHATGATE_CLIENT_TESTING_FAKE_CHAT_IMPL_H_

#include <grpcpp/server.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "chatgate/v1/chat_service.grpc.pb.h"
#include "client/testing/fake_chat_service.h"
#include "client/testing/fake_log.h"
#include "server/base/mutex.h"

namespace chatgate {

// The gRPC side of FakeChatService, which keeps the heavy headers from it.
class FakeChatService::Impl final : public v1::ChatService::Service {
 public:
  explicit Impl(const Clock& clock);
  ~Impl() override;

#define CHATGATE_CALL(Rpc)                                    \
  grpc::Status Rpc(grpc::ServerContext* context,              \
                   const v1::Rpc##Request* request,           \
                   v1::Rpc##Response* response) override {    \
    return Finish(Serve(#Rpc, *context, *request, response)); \
  }
#include "client/rpc_list.inc"
#undef CHATGATE_CALL

  grpc::Status Subscribe(
      grpc::ServerContext* context, const v1::SubscribeRequest* request,
      grpc::ServerWriter<v1::SubscribeResponse>* writer) override;

  // Waits for something to change; false once it is later than `end`.
  bool AwaitChange(absl::Time end) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    changed.WaitFor(mu, absl::Seconds(1));
    return absl::Now() < end;
  }

  std::unique_ptr<grpc::Server> server;
  std::string address;

  Mutex mu;
  CondVar changed;
  bool stopping ABSL_GUARDED_BY(mu) = false;
  FakeLog log ABSL_GUARDED_BY(mu);
  bool silent ABSL_GUARDED_BY(mu) = false;
  bool ignore_filters ABSL_GUARDED_BY(mu) = false;
  std::string token ABSL_GUARDED_BY(mu);
  std::function<void(absl::string_view)> on_call ABSL_GUARDED_BY(mu);
  int64_t stream_generation ABSL_GUARDED_BY(mu) = 0;  // EndStreams raises it.
  absl::Status stream_end ABSL_GUARDED_BY(mu);
  std::optional<v1::Reconnect> stream_reconnect ABSL_GUARDED_BY(mu);
  int streams_open ABSL_GUARDED_BY(mu) = 0;
  int streams_open_max ABSL_GUARDED_BY(mu) = 0;
  std::map<std::string, std::deque<absl::Status>> failures ABSL_GUARDED_BY(mu);
  std::map<std::string, std::string> answers ABSL_GUARDED_BY(mu);
  std::map<std::string, int> calls ABSL_GUARDED_BY(mu);
  std::map<std::string, std::vector<std::string>> request_ids
      ABSL_GUARDED_BY(mu);
  std::vector<v1::SubscribeRequest> subscribes ABSL_GUARDED_BY(mu);
  std::vector<v1::ReplyToConversationRequest> replies ABSL_GUARDED_BY(mu);
  std::map<std::string, v1::ConversationPart> parts ABSL_GUARDED_BY(mu);

 private:
  // Why the call is refused, or OK.
  absl::Status Admit(const std::string& rpc, const grpc::ServerContext& context)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu);
  // With the payloads of `status` as error details.
  static grpc::Status Finish(const absl::Status& status);
  absl::Status Serve(const std::string& rpc, const grpc::ServerContext& context,
                     const google::protobuf::Message& request,
                     google::protobuf::Message* response)
      ABSL_LOCKS_EXCLUDED(mu);
  void Reply(const v1::ReplyToConversationRequest& request,
             v1::ReplyToConversationResponse& response)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu);
  absl::Status Stream(grpc::ServerContext& context,
                      const v1::SubscribeRequest& request,
                      grpc::ServerWriter<v1::SubscribeResponse>& writer)
      ABSL_LOCKS_EXCLUDED(mu);
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_TESTING_FAKE_CHAT_IMPL_H_
