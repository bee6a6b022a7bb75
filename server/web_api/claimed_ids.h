#ifndef CHATGATE_SERVER_WEB_API_CLAIMED_IDS_H_
#define CHATGATE_SERVER_WEB_API_CLAIMED_IDS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_set>

#include "google/protobuf/message.h"
#include "server/base/mutex.h"

namespace chatgate {

// The ids of the newest parts and conversations that calls have made: none of
// them is what another call, whose answer was lost, has made. Threads: any.
class ClaimedIds {
 public:
  static constexpr size_t kMax = 10'000;

  void Add(uint64_t id) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    if (id == 0 || !ids_.insert(id).second) return;
    order_.push_back(id);
    if (order_.size() <= kMax) return;
    ids_.erase(order_.front());
    order_.pop_front();
  }

  // What the call with this response has made.
  void AddMadeBy(const google::protobuf::Message& response);

  bool Contains(uint64_t id) const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return ids_.contains(id);
  }

 private:
  mutable Mutex mu_;
  std::unordered_set<uint64_t> ids_ ABSL_GUARDED_BY(mu_);
  std::deque<uint64_t> order_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_CLAIMED_IDS_H_
