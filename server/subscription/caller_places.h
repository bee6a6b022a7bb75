#ifndef CHATGATE_SERVER_SUBSCRIPTION_CALLER_PLACES_H_
#define CHATGATE_SERVER_SUBSCRIPTION_CALLER_PLACES_H_

#include <limits>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace chatgate {

// CallerPlaces are places of which there are only so many, and of which one
// caller takes only a share, so that no caller can keep all others out.
//
//   ASSIGN_OR_RETURN(std::shared_ptr<void> place, places.Take(caller.name));
//
// Threads:  any. Errors: RESOURCE_EXHAUSTED with RetryInfo: none is free.
// Lifetime: places may outlive it: they are given back wherever the last thing
//           that was done in them ends.
class CallerPlaces {
 public:
  struct Limits {
    int places_max = std::numeric_limits<int>::max();
    int of_caller_max = std::numeric_limits<int>::max();
  };

  // `what` there are places for, such as `streams`.
  CallerPlaces(std::string what, const Limits& limits);

  // A place, which is free again with the last copy of the pointer.
  absl::StatusOr<std::shared_ptr<void>> Take(const std::string& caller);

 private:
  class Counts;

  const std::string what_;
  const Limits limits_;
  const std::shared_ptr<Counts> counts_;  // The places have it, too.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SUBSCRIPTION_CALLER_PLACES_H_
