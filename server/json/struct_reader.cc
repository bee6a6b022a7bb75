#include "server/json/struct_reader.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Struct;
using google::protobuf::Value;
using simdjson::dom::element_type;

constexpr int64_t kExactMax = int64_t{1} << 53;

void SetWhole(int64_t number, Value* out) {
  if (number > kExactMax || number < -kExactMax) {
    out->set_string_value(absl::StrCat(number));
  } else {
    out->set_number_value(static_cast<double>(number));
  }
}

}  // namespace

bool ReadStruct(simdjson::dom::object object, Struct* out, int depth) {
  if (depth > kStructDepthMax) return false;
  auto& fields = *out->mutable_fields();
  for (const auto member : object) {
    Value& value = fields[std::string(member.key)];
    value.Clear();  // Of two members with one key the last counts.
    if (!ReadValue(member.value, &value, depth)) return false;
  }
  return true;
}

bool ReadListValue(simdjson::dom::array list, ListValue* out, int depth) {
  if (depth > kStructDepthMax) return false;
  for (const simdjson::dom::element value : list) {
    if (!ReadValue(value, out->add_values(), depth)) return false;
  }
  return true;
}

bool ReadValue(simdjson::dom::element value, Value* out, int depth) {
  switch (value.type()) {
    case element_type::OBJECT:
      return ReadStruct(value, out->mutable_struct_value(), depth + 1);
    case element_type::ARRAY:
      return ReadListValue(value, out->mutable_list_value(), depth + 1);
    case element_type::STRING:
      out->set_string_value(std::string(std::string_view(value)));
      break;
    case element_type::INT64:
      SetWhole(int64_t(value), out);
      break;
    case element_type::UINT64:  // Only where it is beyond 2^63-1.
      out->set_string_value(absl::StrCat(uint64_t(value)));
      break;
    case element_type::DOUBLE:
      out->set_number_value(double(value));
      break;
    case element_type::BOOL:
      out->set_bool_value(bool(value));
      break;
    case element_type::NULL_VALUE:
      out->set_null_value(google::protobuf::NULL_VALUE);
      break;
  }
  return true;
}

}  // namespace chatgate
