#ifndef CHATGATE_SERVER_JSON_FORM_READER_H_
#define CHATGATE_SERVER_JSON_FORM_READER_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace chatgate {

// Names and values of a form, in the order of the body.
using FormFields = std::vector<std::pair<std::string, std::string>>;

inline constexpr size_t kFormFieldsMax = 1000;

// Parses `application/x-www-form-urlencoded`: `+` and `%20` are spaces, broken
// percent escapes stay as they are, and a line end after the last field is
// dropped.
//
// Some senders declare a form and do not encode it:
//
//   conversation={"body": "a & b = c+d %"}&type=conversation&token=xxx
//
// A value that begins with a bare brace or bracket, holds a bare quotation mark
// (which every encoder writes as %22) and ends at the matching bracket, right
// before `&` or the end, is therefore taken literally up to that bracket.
//
// INVALID_ARGUMENT: more than `fields_max` fields.
absl::StatusOr<FormFields> ParseForm(absl::string_view body,
                                     size_t fields_max = kFormFieldsMax);

// Fills `message` from the fields of a form, as ReadJson does from an object:
// names are wire names, `param.json` values are JSON text, `param.comma` lists
// are comma separated, an empty value is unset unless the field is text, of two
// fields with one name the last counts. Names in `skip` are left out;
// `param.local` fields cannot be set. What does not fit is kept as text in
// `unknown_fields_json`, where the message has that field.
//
// INVALID_ARGUMENT: a `param.json` value is no JSON of the field's kind; the
// message names the field. `message` is then unspecified.
absl::Status ReadFields(const FormFields& fields,
                        google::protobuf::Message* message,
                        const std::vector<absl::string_view>& skip = {});

}  // namespace chatgate

#endif  // CHATGATE_SERVER_JSON_FORM_READER_H_
