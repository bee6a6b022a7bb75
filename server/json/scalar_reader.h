#ifndef CHATGATE_SERVER_JSON_SCALAR_READER_H_
#define CHATGATE_SERVER_JSON_SCALAR_READER_H_

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "server/json/raw_json.h"
#include "simdjson.h"

namespace chatgate {

// How much of a JSON value its field could take.
enum class Fit {
  kExact,   // All of it.
  kPartly,  // Something: the original is worth keeping too.
  kNot,     // Nothing: the field is as it was.
};

// Sets the scalar `field`, or adds to it where it is repeated. Numbers and text
// change into each other, true and false may be words or 0 and 1, a fraction is
// cut off an integer (kPartly). `value` is no null. A string of the result is
// always UTF-8.
Fit ReadScalar(simdjson::dom::element value, RawValue& raw,
               const google::protobuf::FieldDescriptor* field,
               google::protobuf::Message* message);

// The same for a text that stands in no JSON.
Fit ReadScalarText(absl::string_view text,
                   const google::protobuf::FieldDescriptor* field,
                   google::protobuf::Message* message);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_JSON_SCALAR_READER_H_
