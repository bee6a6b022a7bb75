#ifndef CHATGATE_WEBHOOK_SECRET_BLANKING_H_
#define CHATGATE_WEBHOOK_SECRET_BLANKING_H_

#include <string>

#include "absl/strings/string_view.h"

namespace chatgate {

// What stands where a secret stood.
inline constexpr absl::string_view kBlank = "***";

// `body` with `secret` blanked wherever it stands: bare, percent-encoded in any
// way, escaped as in JSON, or both. All other bytes stay.
std::string BlankSecret(absl::string_view body, absl::string_view secret);

// The same, and what was found.
struct BlankedText {
  std::string text;
  // The secret stood at one place and bare there, so that nothing else of what
  // the body says has changed.
  bool at_one_place = false;
};
BlankedText FindAndBlankSecret(absl::string_view body,
                               absl::string_view secret);

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_SECRET_BLANKING_H_
