#ifndef CHATGATE_WEBHOOK_REST_INCOMING_CALL_H_
#define CHATGATE_WEBHOOK_REST_INCOMING_CALL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/rest_codec/rest_argument.h"
#include "webhook/http_message.h"

namespace chatgate {

// The arguments of a request, merged: those of the query, then those of the
// body, which is a form, `multipart/form-data` or JSON. The content type
// decides, and where it is none of these, the body itself. The verb makes no
// difference: a GET may have a body too.
// BadRequest, ValidationError: the body cannot be read.
absl::StatusOr<RestArguments> ReadArguments(const HttpRequest& request);

// The last argument of that name; nullptr where there is none.
const RestArgument* FindArgument(const RestArguments& arguments,
                                 absl::string_view name);

// The token of a call: the argument `auth_token`, or the header `Authorization`
// with `Token X` or `Bearer X`. Empty where there is none.
std::string ReadToken(const HttpRequest& request,
                      const RestArguments& arguments);

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_REST_INCOMING_CALL_H_
