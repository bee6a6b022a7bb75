#ifndef CHATGATE_CLIENT_TESTING_FAKE_CHAT_SERVICE_H_
#define CHATGATE_CLIENT_TESTING_FAKE_CHAT_SERVICE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chatgate/v1/chat_service.pb.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace chatgate {

class Clock;

// FakeChatService is a gateway for tests: a log of events in memory that
// streams as the real one does, and unary calls that are recorded and answered
// as told.
//
//   FakeChatService service;
//   auto client = ChatClient::Over(service.InProcess(), {});
//   service.Publish(event);
//   service.EndStreams(absl::UnavailableError("stopping"));
//
// ReplyToConversation makes a part, and an event about it, once per request_id,
// and ListEvents lists the log, unless they were told otherwise.
// Threads: any. Waits give up after 30 s and return false. Lifetime: outlives
// its clients' calls; the destructor ends them.
class FakeChatService {
 public:
  FakeChatService();
  // Events that come without a received_time get it from `clock`, which
  // outlives this, and not from the machine's.
  explicit FakeChatService(const Clock& clock);
  ~FakeChatService();

  // A channel without a port.
  std::shared_ptr<grpc::Channel> InProcess();
  // `HOST:PORT` on loopback.
  const std::string& address() const;

  // Appends to the log; seq, cursor and, where unset, id and received_time are
  // filled in. Returns the seq.
  uint64_t Publish(v1::Event event);
  // Forgets the events up to `seq`: older cursors get a gap.
  void Forget(uint64_t seq);
  // Ends every open stream with `status`.
  void EndStreams(const absl::Status& status);
  // Ends every open stream well, with a last response that has `reconnect` and
  // the stream's cursor.
  void EndStreamsWith(const v1::Reconnect& reconnect);
  // Refuses the next `times` calls of `rpc` (`Subscribe` too); payloads of
  // `status` become error details.
  void FailNext(absl::string_view rpc, const absl::Status& status,
                int times = 1);
  // Streams opened from now on say nothing at all.
  void SetSilent(bool silent);
  // Streams deliver everything, whatever their filter.
  void IgnoreFilters();
  // Calls without `Bearer token` are UNAUTHENTICATED.
  void RequireToken(absl::string_view token);
  // What `rpc` answers from now on.
  void Answer(absl::string_view rpc, const google::protobuf::Message& response);
  // Runs before the answer of each unary call, without a lock.
  void OnCall(std::function<void(absl::string_view rpc)> on_call);

  // What was asked so far, oldest first.
  std::vector<v1::SubscribeRequest> subscribes() const;
  std::vector<v1::ReplyToConversationRequest> replies() const;
  // How often `rpc` was called, refusals included.
  int calls(absl::string_view rpc) const;
  // Request ids of those calls, where they have one.
  std::vector<std::string> request_ids(absl::string_view rpc) const;
  // Streams open now, and the most there ever were at once.
  int streams_open() const;
  int streams_open_max() const;

  bool AwaitSubscribes(size_t count);
  bool AwaitReplies(size_t count);
  bool AwaitCalls(absl::string_view rpc, int count);
  bool AwaitNoStreams();

  class Impl;

 private:
  const std::unique_ptr<Impl> impl_;
};

// The gateway has a function of this name, and a test may link both: the linker
// must tell them apart.
inline namespace fake_chat_service {

// Details for FailNext: RetryInfo.
absl::Status WithRetryDelay(absl::Status status, absl::Duration delay);

}  // namespace fake_chat_service

// The same with ErrorInfo.
absl::Status WithReason(absl::Status status, absl::string_view reason);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_TESTING_FAKE_CHAT_SERVICE_H_
