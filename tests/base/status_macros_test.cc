#include "server/base/status_macros.h"

#include <memory>

#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

absl::StatusOr<std::unique_ptr<int>> Make(int value) {
  if (value < 0) return absl::OutOfRangeError("negative");
  return std::make_unique<int>(value);
}

absl::StatusOr<int> Sum(int a, int b) {
  ASSIGN_OR_RETURN(std::unique_ptr<int> first, Make(a));
  ASSIGN_OR_RETURN(const std::unique_ptr<int> second, Make(b));
  RETURN_IF_ERROR(*first > 100 ? absl::InternalError("big") : absl::OkStatus());
  return *first + *second;
}

TEST(StatusMacrosTest, PassTheValueOrTheFirstError) {
  EXPECT_THAT(Sum(1, 2), IsOkAndHolds(3));
  EXPECT_THAT(Sum(1, -2), StatusIs(absl::StatusCode::kOutOfRange, "negative"));
  EXPECT_THAT(Sum(101, 1), StatusIs(absl::StatusCode::kInternal));
}

}  // namespace
}  // namespace chatgate
