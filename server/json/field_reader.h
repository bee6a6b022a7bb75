#ifndef CHATGATE_SERVER_JSON_FIELD_READER_H_
#define CHATGATE_SERVER_JSON_FIELD_READER_H_

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "server/json/message_plan.h"
#include "server/json/scalar_reader.h"
#include "simdjson.h"

namespace chatgate {

// Fills `message` from the members of `object`; see ReadJson. What does not fit
// is kept in its `unknown_fields_json`.
void ReadObject(simdjson::dom::object object, RawValue& raw,
                const MessagePlan& plan, google::protobuf::Message* message);

// Sets one field, which is empty before. With kNot it is empty afterwards.
Fit ReadField(simdjson::dom::element value, RawValue& raw,
              const FieldPlan& plan, google::protobuf::Message* message);

// Sets one field, which is empty before, from a text: JSON text where the field
// is an object or a list.
Fit ReadFieldText(absl::string_view text, const FieldPlan& plan,
                  google::protobuf::Message* message);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_JSON_FIELD_READER_H_
