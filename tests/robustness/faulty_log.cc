#include "tests/robustness/faulty_log.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/mutex.h"

namespace chatgate::robustness {
namespace {

// Passes everything on. The faults are what its children do otherwise.
class PassingLog : public EventLog {
 public:
  explicit PassingLog(EventLog& log) : log_(log) {}

  void Append(NewEvent event, Done done) override {
    log_.Append(std::move(event), std::move(done));
  }
  absl::StatusOr<uint64_t> AppendInTransaction(Transaction& transaction,
                                               NewEvent event) override {
    return log_.AppendInTransaction(transaction, std::move(event));
  }
  absl::StatusOr<EventBatch> ReadAfter(uint64_t position, size_t events_max,
                                       size_t bytes_max) override {
    absl::StatusOr<EventBatch> batch =
        log_.ReadAfter(position, events_max, bytes_max);
    if (batch.ok()) Spoil(position, *batch);
    return batch;
  }
  std::optional<EventBatch> ReadRecent(uint64_t position, size_t events_max,
                                       size_t bytes_max) const override {
    std::optional<EventBatch> batch =
        log_.ReadRecent(position, events_max, bytes_max);
    if (batch.has_value()) Spoil(position, *batch);
    return batch;
  }
  absl::StatusOr<EventBatch> ReadBack(uint64_t position, size_t events_max,
                                      size_t bytes_max) override {
    return log_.ReadBack(position, events_max, bytes_max);
  }
  absl::StatusOr<std::string> ReadRaw(uint64_t seq) override {
    return log_.ReadRaw(seq);
  }
  absl::StatusOr<uint64_t> PositionAt(absl::Time time) override {
    return log_.PositionAt(time);
  }
  uint64_t Head() const override { return log_.Head(); }
  uint64_t Tail() const override { return log_.Tail(); }
  uint64_t EpochAt(uint64_t seq) const override { return log_.EpochAt(seq); }
  void OnHead(std::function<void(uint64_t head)> listener) override {
    log_.OnHead(std::move(listener));
  }

 protected:
  // What was read after `position`, on its way to a reader.
  virtual void Spoil(uint64_t /*position*/, EventBatch& /*batch*/) const {}

  EventLog& log_;  // Outlives this.
};

// True for every `n`th time.
class Sometimes {
 public:
  explicit Sometimes(uint64_t n) : n_(n) {}
  bool Now() const { return ++count_ % n_ == 0; }

 private:
  const uint64_t n_;
  mutable std::atomic<uint64_t> count_ = 0;
};

class AnswersWithoutStoring final : public PassingLog {
 public:
  using PassingLog::PassingLog;
  void Append(NewEvent event, Done done) override {
    if (lost_.Now()) return done(Appended{.seq = Head() + 1});
    PassingLog::Append(std::move(event), std::move(done));
  }

 private:
  Sometimes lost_{20};
};

class SortsABatchWrongly final : public PassingLog {
 public:
  using PassingLog::PassingLog;
  void Spoil(uint64_t, EventBatch& batch) const override {
    if (batch.events.size() > 1) std::swap(batch.events[0], batch.events[1]);
  }
};

// Chosen by seq, so that whoever reads them is told wrongly, however few reads
// there are.
bool IsSpoilt(const std::shared_ptr<const EventRecord>& record) {
  return record->seq % 20 == 0;
}

class DeliversAgain final : public PassingLog {
 public:
  using PassingLog::PassingLog;
  void Spoil(uint64_t, EventBatch& batch) const override {
    std::vector<std::shared_ptr<const EventRecord>> events;
    for (const auto& record : batch.events) {
      events.push_back(record);
      if (IsSpoilt(record)) events.push_back(record);
    }
    batch.events = std::move(events);
  }
};

class TakesRepetitionsForNew final : public PassingLog {
 public:
  using PassingLog::PassingLog;
  void Append(NewEvent event, Done done) override {
    event.key.reset();
    PassingLog::Append(std::move(event), std::move(done));
  }
};

class SkipsAnEvent final : public PassingLog {
 public:
  using PassingLog::PassingLog;
  void Spoil(uint64_t, EventBatch& batch) const override {
    std::erase_if(batch.events, IsSpoilt);
  }
};

class CallsGoneWhatIsThere final : public PassingLog {
 public:
  using PassingLog::PassingLog;
  void Spoil(uint64_t position, EventBatch& batch) const override {
    if (batch.events.empty() || !gone_.Now()) return;
    batch.lost = EventBatch::Lost{position + 1, batch.position};
    batch.events.clear();
  }

 private:
  Sometimes gone_{3};
};

class KeepsWhatItTakes final : public PassingLog {
 public:
  using PassingLog::PassingLog;
  void Append(NewEvent event, Done done) override {
    {
      MutexLock lock(mu_);
      // Enough to be found, and no more than a machine can spare.
      constexpr size_t kPiece = size_t{16} << 20;
      if (kept_.size() < 24) kept_.emplace_back(kPiece, 'k');
    }
    PassingLog::Append(std::move(event), std::move(done));
  }

 private:
  Mutex mu_;
  std::vector<std::string> kept_ ABSL_GUARDED_BY(mu_);
};

class DoesAMutationAgain final : public PassingLog {
 public:
  using PassingLog::PassingLog;
  absl::StatusOr<uint64_t> AppendInTransaction(Transaction& transaction,
                                               NewEvent event) override {
    if (again_.Now()) {
      const absl::StatusOr<uint64_t> first =
          PassingLog::AppendInTransaction(transaction, event);
      if (!first.ok()) return first;
    }
    return PassingLog::AppendInTransaction(transaction, std::move(event));
  }

 private:
  Sometimes again_{3};
};

class ChangesWithoutTelling final : public PassingLog {
 public:
  using PassingLog::PassingLog;
  absl::StatusOr<uint64_t> AppendInTransaction(Transaction& transaction,
                                               NewEvent event) override {
    if (silent_.Now()) return Head() + 1;
    return PassingLog::AppendInTransaction(transaction, std::move(event));
  }

 private:
  Sometimes silent_{3};
};

class BeginsAfterItsTime final : public PassingLog {
 public:
  using PassingLog::PassingLog;
  absl::StatusOr<uint64_t> PositionAt(absl::Time time) override {
    absl::StatusOr<uint64_t> position = PassingLog::PositionAt(time);
    if (position.ok()) position = std::min(Head(), *position + 1);
    return position;
  }
};

class ListsBackWithoutOne final : public PassingLog {
 public:
  using PassingLog::PassingLog;
  absl::StatusOr<EventBatch> ReadBack(uint64_t position, size_t events_max,
                                      size_t bytes_max) override {
    absl::StatusOr<EventBatch> batch =
        PassingLog::ReadBack(position, events_max, bytes_max);
    if (batch.ok()) std::erase_if(batch->events, IsSpoilt);
    return batch;
  }
};

struct Kind {
  LogFault fault;
  std::function<std::unique_ptr<EventLog>(EventLog& log)> make;
};

template <typename Log>
Kind KindOf(const std::string& name, const std::string& guarantee) {
  return {{name, guarantee},
          [](EventLog& log) { return std::make_unique<Log>(log); }};
}

std::vector<Kind> Kinds() {
  return {
      KindOf<AnswersWithoutStoring>("answers_without_storing", "Durable"),
      KindOf<SortsABatchWrongly>("sorts_a_batch_wrongly", "Ordered"),
      KindOf<DeliversAgain>("delivers_again", "Unique"),
      KindOf<TakesRepetitionsForNew>("takes_repetitions_for_new", "Unique"),
      KindOf<SkipsAnEvent>("skips_an_event", "Resumable"),
      KindOf<CallsGoneWhatIsThere>("calls_gone_what_is_there", "Gap-honest"),
      KindOf<KeepsWhatItTakes>("keeps_what_it_takes", "Bounded"),
      KindOf<DoesAMutationAgain>("does_a_mutation_again", "Once"),
      KindOf<ChangesWithoutTelling>("changes_without_telling", "Snapshot"),
      KindOf<BeginsAfterItsTime>("begins_after_its_time", "Timed"),
      KindOf<ListsBackWithoutOne>("lists_back_without_one", "Listed"),
  };
}

}  // namespace

std::vector<LogFault> LogFaults() {
  std::vector<LogFault> faults;
  for (const Kind& kind : Kinds()) faults.push_back(kind.fault);
  return faults;
}

absl::StatusOr<std::unique_ptr<EventLog>> MakeFaultyLog(absl::string_view fault,
                                                        EventLog& log) {
  for (const Kind& kind : Kinds()) {
    if (kind.fault.name == fault) return kind.make(log);
  }
  return absl::NotFoundError(absl::StrCat("there is no fault ", fault));
}

}  // namespace chatgate::robustness
