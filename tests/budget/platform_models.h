#ifndef CHATGATE_TESTS_BUDGET_PLATFORM_MODELS_H_
#define CHATGATE_TESTS_BUDGET_PLATFORM_MODELS_H_

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace chatgate {

// How a platform counts the requests of a key: at most `limit` in 60 seconds,
// in one of the three usual ways. False is a 429.
class PlatformModel {
 public:
  virtual ~PlatformModel() = default;
  virtual bool Arrive(absl::Time now) = 0;
};

struct NamedModel {
  std::string name;
  std::function<std::unique_ptr<PlatformModel>(int limit, absl::Duration phase)>
      make;
};

// Fixed window (whose minutes begin at `phase`), sliding window, token bucket.
const std::vector<NamedModel>& PlatformModels();

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BUDGET_PLATFORM_MODELS_H_
