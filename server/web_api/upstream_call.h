#ifndef CHATGATE_SERVER_WEB_API_UPSTREAM_CALL_H_
#define CHATGATE_SERVER_WEB_API_UPSTREAM_CALL_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "server/backend/backend.h"
#include "server/backend/method_table.h"
#include "server/base/mutex.h"
#include "server/rest_codec/rest_method.h"
#include "server/web_api/claimed_ids.h"
#include "server/web_api/gate.h"
#include "server/web_api/lost_answer.h"
#include "server/web_api/request_memory.h"
#include "server/web_api/request_sender.h"
#include "server/web_api/running_requests.h"
#include "server/web_api/sending_time.h"
#include "server/web_api/web_api_backend.h"

namespace chatgate {

class UpstreamCall;

// What the calls of an app share. Methods are found by the request's type.
struct CallWorld {
  CallWorld(const WebApiRooms& rooms, const WebApiBackendOptions& options,
            MethodTable method_table);

  const WebApiBackendOptions options;
  const WebApiRooms rooms;
  Gate gate;
  CircuitBreaker breaker;
  PlatformClock platform_clock;
  RequestSender sender;
  RequestMemory memory;
  ClaimedIds claimed;
  RunningRequests<UpstreamCall> running;
  const MethodTable table;
  const std::map<const google::protobuf::Descriptor*, RestMethod> methods;
};

// UpstreamCall is one call of a method, from its arguments to its answer. Its
// caller may be answered before it has ended: then what was sent is still
// waited for, and remembered.
//
// Threads: any; each step runs after the one before.
class UpstreamCall : public std::enable_shared_from_this<UpstreamCall> {
 public:
  using Message = google::protobuf::Message;

  UpstreamCall(std::shared_ptr<CallWorld> world, const RestMethod& method,
               const CallContext& context, const Message& request,
               Message* response, Backend::Done done);

  void Start();

  // Answers the caller, who is answered once: false where that was before.
  // `response` counts with OK alone.
  bool Answer(absl::Status status, const Message* response = nullptr)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  // The steps, in their order.
  void TakeKnown(absl::StatusOr<RequestMemory::Known> known);
  void FillRandomIds(uint32_t known_id);
  void Send();
  void NoteSending(std::function<void(absl::Status)> go);
  void TakeResult(SendResult result);
  // The answer was lost.
  void WaitForEffect();
  void LookForEffect();
  void Judge();
  void Look(const Message& read);
  void TakeLook(SendResult result);

  // The ends.
  void EndDone(std::unique_ptr<Message> response);
  void EndFailed(const absl::Status& status);
  void EndAmbiguous(absl::string_view why, absl::Duration retry_delay);
  void End(const absl::Status& status, const Message* response);

  bool IsAnswered() const ABSL_LOCKS_EXCLUDED(mu_);
  bool IsNoteOld() const ABSL_LOCKS_EXCLUDED(mu_);
  std::unique_ptr<Message> Echo() const ABSL_LOCKS_EXCLUDED(mu_);
  void Count(const SendResult& result) ABSL_LOCKS_EXCLUDED(mu_);
  void WatchForEcho();
  void TakeEcho(const v1::ConversationPart& part) ABSL_LOCKS_EXCLUDED(mu_);
  BudgetAsk Ask(const RestMethod& method) const;

  const std::shared_ptr<CallWorld> world_;
  const RestMethod& method_;
  const CallContext context_;
  const std::unique_ptr<Message> request_;  // With random ids once it is sent.
  // Without a request id where the caller gave none, and without a random id
  // where the caller chose it: that may be no other call's, or every call's.
  NotedRequest noted_;
  bool resend_is_safe_ = false;
  bool is_noted_ = false;   // As sent, on disk.
  bool is_repeat_ = false;  // Of one whose outcome was not known.
  bool may_be_late_ = false;
  bool is_echoed_ = false;  // Before it was sent again.
  std::unique_ptr<LostAnswer> lost_;
  const RestMethod* look_ = nullptr;
  absl::Duration look_delay_;  // Until it makes sense to look again.
  std::shared_ptr<void> watch_;
  mutable Mutex mu_;
  SendingTime sent_ ABSL_GUARDED_BY(mu_);
  // By this call or an earlier one with its id: before that no part is its own.
  bool was_sent_ ABSL_GUARDED_BY(mu_) = false;
  std::string echo_ ABSL_GUARDED_BY(mu_);  // A response; empty: none came.
  CallReport report_ ABSL_GUARDED_BY(mu_);
  Message* response_ ABSL_GUARDED_BY(mu_);  // Null once answered.
  Backend::Done done_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_UPSTREAM_CALL_H_
