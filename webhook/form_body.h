#ifndef CHATGATE_WEBHOOK_FORM_BODY_H_
#define CHATGATE_WEBHOOK_FORM_BODY_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/json/form_reader.h"

namespace chatgate {

// Reads the fields of a body in whichever form it comes: a JSON object (its
// members; what is no text stays JSON), `multipart/form-data`, else urlencoded,
// whatever `content_type` claims. INVALID_ARGUMENT: it is none of these, or has
// too many fields; the message repeats nothing of the body.
absl::StatusOr<FormFields> ReadFormBody(absl::string_view content_type,
                                        absl::string_view body);

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_FORM_BODY_H_
