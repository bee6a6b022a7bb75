#ifndef CHATGATE_SERVER_PLATFORM_KNOWN_ANSWERS_H_
#define CHATGATE_SERVER_PLATFORM_KNOWN_ANSWERS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "server/base/mutex.h"
#include "server/store/database.h"

namespace chatgate::platform {

// The answers of one app that are good until something of the app changes, as
// bytes. Who asks again needs no thread that reads, and no database.
//
//   if (auto bytes = known.Find(question, now)) return Answer(bytes);
//   const uint64_t state = known.State();      // Before the snapshot.
//   ...read...
//   known.Keep(state, question, answer, now, good_until);
//
//   known.Change(transaction);                 // Before the first write.
//
// Ordering: what was found is what a read would have seen that began with Find:
//           from Change until the transaction is committed or undone nothing is
//           found, and nothing of before is found ever after.
// Limits:   `bytes_max` of questions and answers; what comes on top is not kept
//           until the next change.
// Threads:  any; Change on the writer's, where the hooks of the transaction run
//           as well.
// Lifetime: outlives the transactions.
class KnownAnswers {
 public:
  using Answer = std::shared_ptr<const std::string>;

  explicit KnownAnswers(size_t bytes_max) : bytes_max_(bytes_max) {}

  // Null where it is not known, or not at `now`.
  Answer Find(const std::string& question, absl::Time now) const
      ABSL_LOCKS_EXCLUDED(mu_);

  // The state of the app that a snapshot which begins now will see; 0 where
  // that cannot be said, because a change is under way.
  uint64_t State() const;

  // Keeps what was read in `state` at `now`, where that state still is. With
  // time alone the answer changes at `good_until`.
  void Keep(uint64_t state, const std::string& question, Answer answer,
            absl::Time now, absl::Time good_until) ABSL_LOCKS_EXCLUDED(mu_);

  // The transaction is about to change the app.
  void Change(Transaction& transaction);

 private:
  struct Entry {
    Answer answer;
    absl::Time from;
    absl::Time until;
  };

  void EndChange();

  const size_t bytes_max_;
  std::atomic<int> changes_ = 0;     // Under way.
  std::atomic<uint64_t> state_ = 1;  // Grows as a change begins and ends.

  mutable Mutex mu_;
  // Of `entries_`.
  uint64_t kept_state_ ABSL_GUARDED_BY(mu_) = 0;
  size_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
  absl::flat_hash_map<std::string, Entry> entries_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_KNOWN_ANSWERS_H_
