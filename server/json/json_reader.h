#ifndef CHATGATE_SERVER_JSON_JSON_READER_H_
#define CHATGATE_SERVER_JSON_JSON_READER_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace chatgate {

// Reads a JSON object into `message` the way a receiver must read a platform
// that changes: leniently, and losing nothing.
//
//   * Keys are the fields' wire names (`param.name` in options.proto, else the
//   field's
//     name). Unknown keys, and values that do not fit their field, are kept
//     verbatim as one JSON object in `unknown_fields_json`, where the message
//     has that field.
//   * Numbers are taken as text and text as numbers; `null` and absent are
//   unset;
//     true/false as words, 0/1; a JSON text inside a string is taken where the
//     field is a message or a list.
//   * Whole numbers are exact up to 2^64-1; in a Struct those beyond 2^53
//   become text.
//   * A message with the option `union` takes a bare number or text as its
//   first scalar
//     member, an object as the message member that its `type` names.
//   * Broken text (a lone surrogate, bad UTF-8) becomes U+FFFD.
//
// INVALID_ARGUMENT: `json` is no JSON object, is nested deeper than 64, or
// holds a number that no field could. `message` is then unspecified. Threads:
// any; each thread keeps a parser of its own.
absl::Status ReadJson(absl::string_view json,
                      google::protobuf::Message* message);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_JSON_JSON_READER_H_
