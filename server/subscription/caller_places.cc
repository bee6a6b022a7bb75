#include "server/subscription/caller_places.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/subscription/service_error.h"

namespace chatgate {

// How many are taken.
class CallerPlaces::Counts {
 public:
  absl::Status Take(const std::string& caller, const std::string& what,
                    const Limits& limits) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    if (taken_ >= limits.places_max) {
      return ServiceError(Reason::kOverloaded,
                          absl::StrCat("too many ", what, " are open"));
    }
    const auto found = of_caller_.find(caller);
    if ((found == of_caller_.end() ? 0 : found->second) >=
        limits.of_caller_max) {
      return ServiceError(
          Reason::kOverloaded,
          absl::StrCat("the caller has too many ", what, " open"));
    }
    ++of_caller_[caller];
    ++taken_;
    return absl::OkStatus();
  }

  void Leave(const std::string& caller) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    --taken_;
    const auto found = of_caller_.find(caller);
    if (--found->second == 0) of_caller_.erase(found);
  }

 private:
  Mutex mu_;
  int taken_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<std::string, int> of_caller_ ABSL_GUARDED_BY(mu_);  // None is 0.
};

CallerPlaces::CallerPlaces(std::string what, const Limits& limits)
    : what_(std::move(what)),
      limits_(limits),
      counts_(std::make_shared<Counts>()) {}

absl::StatusOr<std::shared_ptr<void>> CallerPlaces::Take(
    const std::string& caller) {
  RETURN_IF_ERROR(counts_->Take(caller, what_, limits_));
  return std::shared_ptr<void>(
      counts_.get(),
      [counts = counts_, caller](void*) { counts->Leave(caller); });
}

}  // namespace chatgate
