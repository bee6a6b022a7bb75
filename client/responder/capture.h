#ifndef CHATGATE_CLIENT_RESPONDER_CAPTURE_H_
#define CHATGATE_CLIENT_RESPONDER_CAPTURE_H_

#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "chatgate/v1/rules.pb.h"
#include "client/responder/reply_template.h"

namespace chatgate {

// Names of all that the patterns of `match` may capture: `1`, `2`, ... and the
// named groups. What `not` holds captures nothing.
std::set<std::string> CaptureNames(const v1::Match& match);

// What they capture in `text`: of each name what the first pattern that has it
// found. Compiles the patterns anew, so it is for the rule that has won.
Captures CapturesIn(const v1::Match& match, absl::string_view text);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_CAPTURE_H_
