#ifndef CHATGATE_CLIENT_TESTING_FAKE_LOG_H_
#define CHATGATE_CLIENT_TESTING_FAKE_LOG_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chatgate/v1/chat_service.pb.h"
#include "server/base/clock.h"

namespace chatgate {

// The events of a FakeChatService, and where streams are in them. Not
// thread-safe.
class FakeLog {
 public:
  // `clock` outlives the log.
  explicit FakeLog(const Clock& clock) : clock_(clock) {}

  uint64_t head() const { return events_.size(); }
  uint64_t forgotten() const { return forgotten_; }
  // Fills in seq, cursor, id and received_time, and keeps the event.
  uint64_t Append(v1::Event event);
  void Forget(uint64_t seq) { forgotten_ = seq; }
  const v1::Event& At(uint64_t seq) const { return events_[seq - 1]; }

  // The position after which a stream begins.
  absl::StatusOr<uint64_t> Begin(const v1::SubscribeRequest& request) const;
  static std::string Cursor(uint64_t seq);
  // What comes after `position`, which moves over it: a gap, or at most 64
  // events that match `filter`. Neither at the end of the log.
  v1::SubscribeResponse ReadAfter(const v1::EventFilter& filter,
                                  uint64_t& position) const;
  // A page of at most 20, or `page_size`, events.
  absl::StatusOr<v1::ListEventsResponse> List(
      const v1::ListEventsRequest& request) const;

 private:
  const Clock& clock_;  // Outlives this.
  std::vector<v1::Event> events_;
  uint64_t forgotten_ = 0;  // Last seq that is gone.
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_TESTING_FAKE_LOG_H_
