#include "server/platform/known_answers.h"

#include <utility>

namespace chatgate::platform {
namespace {

// What an entry takes beside its texts, roughly.
constexpr size_t kEntryBytes = 200;

}  // namespace

KnownAnswers::Answer KnownAnswers::Find(const std::string& question,
                                        absl::Time now) const {
  const uint64_t state = State();
  if (state == 0) return nullptr;
  MutexLock lock(mu_);
  if (kept_state_ != state) return nullptr;
  const auto found = entries_.find(question);
  if (found == entries_.end()) return nullptr;
  const Entry& entry = found->second;
  // A clock that was set back knows less.
  return entry.from <= now && now < entry.until ? entry.answer : nullptr;
}

// A change that begins between the two has not ended: who then reads the state
// of before keeps it under a number that is gone once the change can be seen.
uint64_t KnownAnswers::State() const {
  return changes_ > 0 ? 0 : state_.load();
}

void KnownAnswers::Keep(uint64_t state, const std::string& question,
                        Answer answer, absl::Time now, absl::Time good_until) {
  if (state == 0 || good_until <= now) return;
  const size_t bytes = question.size() + answer->size() + kEntryBytes;
  absl::flat_hash_map<std::string, Entry> old;  // Dies without the lock.
  MutexLock lock(mu_);
  if (state != state_) return;
  if (state != kept_state_) {
    entries_.swap(old);
    bytes_ = 0;
    kept_state_ = state;
  }
  const auto found = entries_.find(question);
  if (found != entries_.end()) {
    bytes_ -= question.size() + found->second.answer->size() + kEntryBytes;
    entries_.erase(found);
  }
  if (bytes_ + bytes > bytes_max_) return;
  bytes_ += bytes;
  entries_[question] = {std::move(answer), now, good_until};
}

void KnownAnswers::Change(Transaction& transaction) {
  ++changes_;
  ++state_;
  transaction.OnCommit([this] { EndChange(); });
  transaction.OnRollback([this] { EndChange(); });
}

// In this order, so that a state is never said whose end is under way.
void KnownAnswers::EndChange() {
  ++state_;
  --changes_;
}

}  // namespace chatgate::platform
