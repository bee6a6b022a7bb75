#ifndef CHATGATE_TESTS_WEBHOOK_FAKE_EVENT_SINK_H_
#define CHATGATE_TESTS_WEBHOOK_FAKE_EVENT_SINK_H_

#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/base/mutex.h"
#include "server/event_log/event_sink.h"

namespace chatgate {

// An event log in memory, which can be told to fail or to keep silent.
class FakeEventSink final : public EventSink {
 public:
  void Append(NewEvent event, Done done) override ABSL_LOCKS_EXCLUDED(mu_) {
    absl::StatusOr<Appended> result = Appended{};
    {
      MutexLock lock(mu_);
      if (silent_) {
        unanswered_.push_back(std::move(done));
        changed_.SignalAll();
        return;
      }
      result = Add(std::move(event));
    }
    done(std::move(result));
  }

  // Every append fails so.
  void FailWith(absl::Status status) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    status_ = std::move(status);
  }

  // Appends are not answered until AnswerAll.
  void KeepSilent() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    silent_ = true;
  }
  void AwaitUnanswered(size_t count) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (unanswered_.size() < count) changed_.Wait(mu_);
  }
  void AnswerAll() ABSL_LOCKS_EXCLUDED(mu_) {
    std::vector<Done> unanswered;
    {
      MutexLock lock(mu_);
      unanswered.swap(unanswered_);
      silent_ = false;
    }
    for (const Done& done : unanswered) done(Appended{1, false});
  }

  std::vector<NewEvent> events() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return events_;
  }

 private:
  static auto Tuple(const DedupeKey& key) {
    return std::tuple(key.app_id, key.source, key.kind, key.id, key.revision);
  }

  absl::StatusOr<Appended> Add(NewEvent event)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (!status_.ok()) return status_;
    for (size_t i = 0; event.key && i < events_.size(); ++i) {
      if (events_[i].key && Tuple(*events_[i].key) == Tuple(*event.key)) {
        return Appended{i + 1, true};
      }
    }
    events_.push_back(std::move(event));
    return Appended{events_.size(), false};
  }

  mutable Mutex mu_;
  CondVar changed_;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
  bool silent_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<Done> unanswered_ ABSL_GUARDED_BY(mu_);
  std::vector<NewEvent> events_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_WEBHOOK_FAKE_EVENT_SINK_H_
