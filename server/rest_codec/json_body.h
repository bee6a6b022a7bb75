#ifndef CHATGATE_SERVER_REST_CODEC_JSON_BODY_H_
#define CHATGATE_SERVER_REST_CODEC_JSON_BODY_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/rest_codec/rest_argument.h"

namespace chatgate {

// Appends the members of a JSON body. An empty body, and an empty array (what
// PHP makes of no arguments), have none; a member that is null is absent. Whole
// numbers keep every digit.
// BadRequest:      no JSON object, or too many members.
// ValidationError: a member that is not UTF-8, or nested too deep.
absl::Status AppendJsonArguments(absl::string_view body,
                                 RestArguments* arguments);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_REST_CODEC_JSON_BODY_H_
