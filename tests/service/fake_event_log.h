#ifndef CHATGATE_TESTS_SERVICE_FAKE_EVENT_LOG_H_
#define CHATGATE_TESTS_SERVICE_FAKE_EVENT_LOG_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "server/base/mutex.h"
#include "server/event_log/event_log.h"

namespace chatgate {

// An event log in memory. Any thread may use it.
class FakeEventLog final : public EventLog {
 public:
  static constexpr uint64_t kEpoch = 42;

  // Knobs, for any time.
  std::atomic<uint64_t> recent_from = 0;  // Earlier positions are "on disk".
  // This event cannot be read from there: reads end before it, and fail at it.
  std::atomic<uint64_t> unreadable = 0;

  // Adds an event with the next seq, received one second after the last one.
  // `event.raw` becomes its body.
  uint64_t Add(v1::Event event) ABSL_LOCKS_EXCLUDED(mu_);
  // Forgets the events before `tail`.
  void DropBefore(uint64_t tail) ABSL_LOCKS_EXCLUDED(mu_);
  // Makes the event one that cannot be read.
  void Damage(uint64_t seq) ABSL_LOCKS_EXCLUDED(mu_);
  // Makes reads wait until `Unblock`, or fail with a status.
  void Block() ABSL_LOCKS_EXCLUDED(mu_);
  void Unblock() ABSL_LOCKS_EXCLUDED(mu_);
  void FailReads(absl::Status status) ABSL_LOCKS_EXCLUDED(mu_);
  // How many ReadAfter and ReadRecent there were.
  int reads() const { return reads_; }
  // How many of them were ReadAfter.
  int reads_after() const { return reads_after_; }

  void Append(NewEvent event, Done done) override;
  absl::StatusOr<uint64_t> AppendInTransaction(Transaction& transaction,
                                               NewEvent event) override;
  absl::StatusOr<EventBatch> ReadAfter(uint64_t position, size_t events_max,
                                       size_t bytes_max) override
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<EventBatch> ReadBack(uint64_t position, size_t events_max,
                                      size_t bytes_max) override
      ABSL_LOCKS_EXCLUDED(mu_);
  std::optional<EventBatch> ReadRecent(uint64_t position, size_t events_max,
                                       size_t bytes_max) const override
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<std::string> ReadRaw(uint64_t seq) override
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<uint64_t> PositionAt(absl::Time time) override
      ABSL_LOCKS_EXCLUDED(mu_);
  uint64_t Head() const override ABSL_LOCKS_EXCLUDED(mu_);
  uint64_t Tail() const override ABSL_LOCKS_EXCLUDED(mu_);
  uint64_t EpochAt(uint64_t) const override { return kEpoch; }
  void OnHead(std::function<void(uint64_t head)> listener) override
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  EventBatch Read(uint64_t position, size_t events_max, size_t bytes_max) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  struct Entry {
    std::shared_ptr<const EventRecord> record;
    std::string raw;
    absl::Time received;
  };

  mutable std::atomic<int> reads_ = 0;
  std::atomic<int> reads_after_ = 0;
  mutable Mutex mu_;
  CondVar unblocked_;
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mu_);
  uint64_t tail_ ABSL_GUARDED_BY(mu_) = 1;
  bool blocked_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status read_error_ ABSL_GUARDED_BY(mu_);
  std::function<void(uint64_t)> listener_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_SERVICE_FAKE_EVENT_LOG_H_
