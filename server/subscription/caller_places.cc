#include "server/subscription/caller_places.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/subscription/service_error.h"

namespace chatgate {

CallerPlaces::CallerPlaces(std::string what, const Limits& limits)
    : what_(std::move(what)), limits_(limits) {}

absl::StatusOr<std::shared_ptr<void>> CallerPlaces::Take(
    const std::string& caller) {
  {
    MutexLock lock(mu_);
    if (taken_ >= limits_.places_max) {
      return ServiceError(Reason::kOverloaded,
                          absl::StrCat("too many ", what_, " are open"));
    }
    const auto found = of_caller_.find(caller);
    if ((found == of_caller_.end() ? 0 : found->second) >=
        limits_.of_caller_max) {
      return ServiceError(
          Reason::kOverloaded,
          absl::StrCat("the caller has too many ", what_, " open"));
    }
    ++of_caller_[caller];
    ++taken_;
  }
  return std::shared_ptr<void>(this, [this, caller](void*) { Leave(caller); });
}

void CallerPlaces::Leave(const std::string& caller) {
  MutexLock lock(mu_);
  --taken_;
  const auto found = of_caller_.find(caller);
  if (--found->second == 0) of_caller_.erase(found);
}

}  // namespace chatgate
