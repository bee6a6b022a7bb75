#ifndef CHATGATE_SERVER_SUBSCRIPTION_CALLER_PLACES_H_
#define CHATGATE_SERVER_SUBSCRIPTION_CALLER_PLACES_H_

#include <limits>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/base/mutex.h"

namespace chatgate {

// CallerPlaces are places of which there are only so many, and of which one
// caller takes only a share, so that no caller can keep all others out.
//
//   ASSIGN_OR_RETURN(std::shared_ptr<void> place, places.Take(caller.name));
//
// Threads:  any. Errors: RESOURCE_EXHAUSTED with RetryInfo: none is free.
// Lifetime: outlives every place.
class CallerPlaces {
 public:
  struct Limits {
    int places_max = std::numeric_limits<int>::max();
    int of_caller_max = std::numeric_limits<int>::max();
  };

  // `what` there are places for, such as `streams`.
  CallerPlaces(std::string what, const Limits& limits);

  // A place, which is free again with the last copy of the pointer.
  absl::StatusOr<std::shared_ptr<void>> Take(const std::string& caller)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Leave(const std::string& caller) ABSL_LOCKS_EXCLUDED(mu_);

  const std::string what_;
  const Limits limits_;
  Mutex mu_;
  int taken_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<std::string, int> of_caller_ ABSL_GUARDED_BY(mu_);  // None is 0.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SUBSCRIPTION_CALLER_PLACES_H_
