#include "server/json/json_reader.h"

#include "absl/status/statusor.h"
#include "google/protobuf/struct.pb.h"
#include "server/base/status_macros.h"
#include "server/json/field_reader.h"
#include "server/json/json_parser.h"
#include "server/json/struct_reader.h"

namespace chatgate {

absl::Status ReadJson(absl::string_view json,
                      google::protobuf::Message* message) {
  message->Clear();
  JsonParser parser;
  ASSIGN_OR_RETURN(const simdjson::dom::element root, parser.Parse(json));
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError("JSON: not an object");
  }
  auto* any =
      google::protobuf::DynamicCastToGenerated<google::protobuf::Struct>(
          message);
  if (any != nullptr) {
    return ReadStruct(object, any)
               ? absl::OkStatus()
               : absl::InvalidArgumentError("JSON: nested too deeply");
  }
  RawValue raw(parser.text());
  ReadObject(object, raw, PlanOf(message->GetDescriptor()), message);
  return absl::OkStatus();
}

}  // namespace chatgate
