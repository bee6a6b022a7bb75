#ifndef CHATGATE_SERVER_BASE_STATUS_MACROS_H_
#define CHATGATE_SERVER_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the function with the status of `expr` unless it is OK.
#define RETURN_IF_ERROR(expr)                                   \
  do {                                                          \
    if (absl::Status status_macro = (expr); !status_macro.ok()) \
      return status_macro;                                      \
  } while (false)

// Declares or assigns `lhs` from the StatusOr `expr`, or returns its status.
#define ASSIGN_OR_RETURN(lhs, expr) \
  CHATGATE_ASSIGN_OR_RETURN_(CHATGATE_CONCAT_(status_or_, __LINE__), lhs, expr)

#define CHATGATE_ASSIGN_OR_RETURN_(result, lhs, expr)  \
  auto result = (expr);                                \
  if (!result.ok()) return std::move(result).status(); \
  lhs = std::move(result).value()

#define CHATGATE_CONCAT_(a, b) CHATGATE_CONCAT_INNER_(a, b)
#define CHATGATE_CONCAT_INNER_(a, b) a##b

#endif  // CHATGATE_SERVER_BASE_STATUS_MACROS_H_
