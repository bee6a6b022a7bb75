#ifndef CHATGATE_SERVER_OUTBOX_SUBMITTED_WORKS_H_
#define CHATGATE_SERVER_OUTBOX_SUBMITTED_WORKS_H_

#include "absl/status/status.h"
#include "server/base/mutex.h"
#include "server/store/store.h"

namespace chatgate {

// Works of a store that are waited for together, so that they share a sync.
//
// Threads:  one at a time calls Submit and Wait.
// Lifetime: the destructor waits too.
class SubmittedWorks {
 public:
  explicit SubmittedWorks(Store& store) : store_(store) {}
  ~SubmittedWorks() { Wait().IgnoreError(); }  // Nobody asked.
  SubmittedWorks(const SubmittedWorks&) = delete;
  SubmittedWorks& operator=(const SubmittedWorks&) = delete;

  // False: the store's queue is full, and the work was not taken.
  bool Submit(Store::Work work) ABSL_LOCKS_EXCLUDED(mu_);

  // Waits for all that were taken: OK, or what the first failure was.
  absl::Status Wait() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void End(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mu_);

  Store& store_;  // Outlives this.

  Mutex mu_;
  CondVar ended_;
  int under_way_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_OUTBOX_SUBMITTED_WORKS_H_
