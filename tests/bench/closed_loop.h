#ifndef CHATGATE_TESTS_BENCH_CLOSED_LOOP_H_
#define CHATGATE_TESTS_BENCH_CLOSED_LOOP_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/mutex.h"

namespace chatgate {

// ClosedLoop is `waiting` producers, each of which appends an event and waits
// for its answer before the next. One thread plays them all, so that what is
// measured is the log and not the scheduler.
//
// It is also the check: the answers' positions are 1, 2, 3, ... over all runs,
// none missing and none twice.
class ClosedLoop {
 public:
  using Answer = std::function<void(absl::StatusOr<uint64_t> seq)>;
  // Appends event `id`, and answers from any thread.
  using Append = std::function<void(uint64_t id, Answer answer)>;

  ClosedLoop(int waiting, Append append)
      : waiting_(waiting), append_(std::move(append)) {}

  // Appends a second.
  absl::StatusOr<double> Run(absl::Duration time) ABSL_LOCKS_EXCLUDED(mu_);

  uint64_t appended() const { return appended_; }

 private:
  void Submit() ABSL_LOCKS_EXCLUDED(mu_);
  // Counts those that were answered; waits for one at least.
  size_t TakeAnswers() ABSL_LOCKS_EXCLUDED(mu_);
  void Count(uint64_t seq);

  const int waiting_;
  const Append append_;
  uint64_t next_id_ = 1;
  uint64_t appended_ = 0;   // Answered.
  std::vector<bool> seen_;  // By seq.
  absl::Status wrong_;

  Mutex mu_;
  CondVar answered_;
  bool idle_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<absl::StatusOr<uint64_t>> answers_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_CLOSED_LOOP_H_
