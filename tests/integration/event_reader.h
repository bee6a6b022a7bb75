#ifndef CHATGATE_TESTS_INTEGRATION_EVENT_READER_H_
#define CHATGATE_TESTS_INTEGRATION_EVENT_READER_H_

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/mutex.h"
#include "tests/integration/gateway.h"

namespace chatgate {

// One subscription, read by a thread of its own. Events wait here until asked
// for.
class EventReader {
 public:
  // Returns after the first response, so that whatever happens later is seen.
  EventReader(const Gateway& gateway, const v1::SubscribeRequest& request);
  // Cancels the stream.
  ~EventReader();

  // The next event. DEADLINE_EXCEEDED after `patience`, or the stream's end.
  absl::StatusOr<v1::Event> Next(absl::Duration patience = absl::Seconds(20))
      ABSL_LOCKS_EXCLUDED(mu_);

  // Skips events until one satisfies `wanted`.
  absl::StatusOr<v1::Event> NextWhere(
      const std::function<bool(const v1::Event&)>& wanted,
      absl::Duration patience = absl::Seconds(20));

  // Cursor of the last response.
  std::string cursor() const ABSL_LOCKS_EXCLUDED(mu_);
  bool first_had_heartbeat() const { return first_had_heartbeat_; }

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mu_);

  std::unique_ptr<v1::ChatService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::SubscribeResponse>> stream_;
  bool first_had_heartbeat_ = false;

  mutable Mutex mu_;
  CondVar changed_;
  std::deque<v1::Event> events_ ABSL_GUARDED_BY(mu_);
  std::string cursor_ ABSL_GUARDED_BY(mu_);
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  std::string end_reason_ ABSL_GUARDED_BY(mu_);

  std::thread thread_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_INTEGRATION_EVENT_READER_H_
