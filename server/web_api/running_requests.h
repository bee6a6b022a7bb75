#ifndef CHATGATE_SERVER_WEB_API_RUNNING_REQUESTS_H_
#define CHATGATE_SERVER_WEB_API_RUNNING_REQUESTS_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/base/mutex.h"

namespace chatgate {

// Which named changes of an app run now, and who waits for their answers: of
// two with one `request_id` only the first runs.
//
// Threads: any. `Call` is whatever a caller is to the user of this.
template <typename Call>
class RunningRequests {
 public:
  using Key = std::pair<std::string, std::string>;  // Method, request id.
  enum class Turn { kRun, kWait, kReused, kFull };

  static constexpr size_t kWaitingMax = 1000;  // For one.

  // kWait: the running one's End returns `call`. kReused: it has another
  // content. kFull: so many wait for it already.
  Turn Begin(const Key& key, const std::string& fingerprint,
             std::shared_ptr<Call> call) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    const auto [entry, is_new] = running_.try_emplace(key);
    if (is_new) {
      entry->second.fingerprint = fingerprint;
      return Turn::kRun;
    }
    if (entry->second.fingerprint != fingerprint) return Turn::kReused;
    if (entry->second.waiting.size() >= kWaitingMax) return Turn::kFull;
    entry->second.waiting.push_back(std::move(call));
    return Turn::kWait;
  }

  // Those that waited for it, in their order.
  std::vector<std::shared_ptr<Call>> End(const Key& key)
      ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    const auto entry = running_.find(key);
    if (entry == running_.end()) return {};
    std::vector<std::shared_ptr<Call>> waiting =
        std::move(entry->second.waiting);
    running_.erase(entry);
    return waiting;
  }

 private:
  struct Running {
    std::string fingerprint;
    std::vector<std::shared_ptr<Call>> waiting;
  };

  Mutex mu_;
  std::map<Key, Running> running_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_RUNNING_REQUESTS_H_
