#ifndef CHATGATE_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define CHATGATE_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chatgate {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// Matches an OK Status or StatusOr.
MATCHER(IsOk, negation ? "is not OK" : "is OK") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString();
  return status.ok();
}

// Matches the code, and the message by any matcher.
MATCHER_P2(StatusIs, code, message, "") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString();
  return status.code() == code &&
         ::testing::ExplainMatchResult(message, std::string(status.message()),
                                       result_listener);
}
inline auto StatusIs(absl::StatusCode code) {
  return StatusIs(code, ::testing::_);
}

// Matches an OK StatusOr whose value matches.
MATCHER_P(IsOkAndHolds, value, "") {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  return ::testing::ExplainMatchResult(value, *arg, result_listener);
}

#define CHATGATE_CONCAT_TEST_INNER_(a, b) a##b
#define CHATGATE_CONCAT_TEST_(a, b) CHATGATE_CONCAT_TEST_INNER_(a, b)

// Declares `lhs` from the StatusOr `expr`, or fails the test.
#define ASSERT_OK_AND_ASSIGN(lhs, expr)                                        \
  ASSERT_OK_AND_ASSIGN_IMPL_(CHATGATE_CONCAT_TEST_(test_status_or_, __LINE__), \
                             lhs, expr)
#define ASSERT_OK_AND_ASSIGN_IMPL_(result, lhs, expr) \
  auto result = (expr);                               \
  ASSERT_THAT(result, ::chatgate::IsOk());            \
  lhs = std::move(result).value()

}  // namespace chatgate

#endif  // CHATGATE_TESTS_SUPPORT_STATUS_MATCHERS_H_
