#ifndef CHATGATE_SERVER_SERVICE_STREAM_REGISTRY_H_
#define CHATGATE_SERVER_SERVICE_STREAM_REGISTRY_H_

#include <atomic>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/base/mutex.h"

namespace chatgate {

// StreamRegistry counts the open streams, in all and of each caller, and tells
// them when the gateway stops.
//
// Threads: every method may be called from any thread.
class StreamRegistry {
 public:
  StreamRegistry(int streams_max, int streams_of_caller_max)
      : streams_max_(streams_max),
        streams_of_caller_max_(streams_of_caller_max) {}

  // RESOURCE_EXHAUSTED: too many streams. UNAVAILABLE: stopping.
  absl::Status Add(const std::string& caller) ABSL_LOCKS_EXCLUDED(mu_);
  void Remove(const std::string& caller) ABSL_LOCKS_EXCLUDED(mu_);

  void Stop() ABSL_LOCKS_EXCLUDED(mu_);
  bool stopping() const { return stopping_.load(std::memory_order_acquire); }

  // Waits until no stream is open; false after `timeout`.
  bool WaitUntilEmpty(absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const int streams_max_;
  const int streams_of_caller_max_;
  std::atomic<bool> stopping_ = false;  // Written under mu_.
  Mutex mu_;
  CondVar empty_;
  int streams_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<std::string, int> of_caller_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_STREAM_REGISTRY_H_
