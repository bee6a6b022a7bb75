#ifndef CHATGATE_SERVER_REST_CODEC_FORM_BODY_H_
#define CHATGATE_SERVER_REST_CODEC_FORM_BODY_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/rest_codec/rest_argument.h"

namespace chatgate {

// Appends the arguments of a query: `+` and `%20` are spaces, broken percent
// escapes and raw bytes stay as they are.
// BadRequest: too many.
absl::Status AppendQueryArguments(absl::string_view query,
                                  RestArguments* arguments);

// Appends the arguments of an `application/x-www-form-urlencoded` body, as
// ParseForm reads it: a JSON value that was not encoded is taken literally.
// BadRequest: too many.
absl::Status AppendFormArguments(absl::string_view body,
                                 RestArguments* arguments);

// Appends the arguments of a `multipart/form-data` body. A file's content is no
// argument of any method yet, so parts with a `filename` are left out.
// BadRequest: no boundary, no end, a part without a name, too many.
absl::Status AppendMultipartArguments(absl::string_view content_type,
                                      absl::string_view body,
                                      RestArguments* arguments);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_REST_CODEC_FORM_BODY_H_
