#ifndef CHATGATE_CLIENT_FAKE_UPSTREAM_REQUEST_LIMIT_H_
#define CHATGATE_CLIENT_FAKE_UPSTREAM_REQUEST_LIMIT_H_

#include <deque>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/mutex.h"

namespace chatgate {

// How a platform may count requests; which one the real ones use, nobody says.
enum class LimitKind {
  kFixedWindow,    // So many from minute to minute.
  kSlidingWindow,  // So many in any 60 seconds.
  kTokenBucket,    // So many at once, refilled evenly.
};

// `fixed`, `sliding` or `bucket`. INVALID_ARGUMENT: another word.
absl::StatusOr<LimitKind> ParseLimitKind(absl::string_view word);

// RequestLimit counts requests as a platform does.
//
// Threads: any. Memory: one time a request, up to the limit.
class RequestLimit {
 public:
  // 0 a minute: no limit. Begins at `now`.
  RequestLimit(LimitKind kind, int a_minute, absl::Time now);

  // Counts a request, or refuses it: refused ones do not count.
  bool Admit(absl::Time now) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  bool AdmitInWindow(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool AdmitSliding(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool AdmitFromBucket(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const LimitKind kind_;
  const int a_minute_;

  Mutex mu_;
  absl::Time window_ ABSL_GUARDED_BY(mu_);  // When it began; of the bucket:
                                            // until when it is refilled.
  int in_window_ ABSL_GUARDED_BY(mu_) = 0;
  std::deque<absl::Time> admitted_ ABSL_GUARDED_BY(mu_);
  double tokens_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_FAKE_UPSTREAM_REQUEST_LIMIT_H_
