#include "server/json/json_writer.h"

#include <cmath>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "server/json/json_parser.h"
#include "server/json/message_plan.h"
#include "server/json/raw_json.h"
#include "server/json/timestamp_text.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using simdjson::dom::element;

// Up to here every whole double is written as a whole number; ReadJson takes
// longer ones for text.
constexpr double kWholeMax = 9007199254740992.0;  // 2^53

std::string NumberText(double number) {
  if (!std::isfinite(number)) return "null";  // JSON has no word for it.
  if (number == std::trunc(number) && std::fabs(number) <= kWholeMax &&
      !(number == 0 && std::signbit(number))) {
    return absl::StrCat(static_cast<int64_t>(number));
  }
  std::string text = absl::StrFormat("%.15g", number);
  if (std::strtod(text.c_str(), nullptr) != number) {
    text = absl::StrFormat("%.17g", number);
  }
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

class Writer {
 public:
  explicit Writer(const JsonWriteOptions& options)
      : ids_as_text_(options.ids_as_text),
        empty_texts_(options.empty_texts),
        style_{/*ascii=*/!options.utf8, /*spaced=*/true} {}

  // `plan` is that of a message or a union.
  void WriteSubmessage(const Message& message, JsonShape shape,
                       const MessagePlan* plan);
  std::string Finish() && { return std::move(out_); }

 private:
  void WriteObject(const Message& message, const MessagePlan& plan);
  void WriteUnion(const Message& message, const MessagePlan& plan);
  void WriteField(const Message& message, const FieldPlan& field);
  // `index` is -1 for a singular field.
  void WriteItem(const Message& message, const FieldPlan& field, int index);
  void WriteScalar(const Message& message, const FieldPlan& field, int index);
  void WriteStruct(const google::protobuf::Struct& value);
  void WriteValue(const google::protobuf::Value& value);
  void WriteList(const google::protobuf::ListValue& value);

  void Append(absl::string_view text) { absl::StrAppend(&out_, text); }
  void AppendString(absl::string_view text) {
    AppendJsonString(text, style_.ascii, &out_);
  }
  // A member's key, with what separates it from the member before.
  void AppendKey(absl::string_view key, bool* first) {
    if (!*first) Append(CommaOf(style_));
    *first = false;
    AppendString(key);
    Append(ColonOf(style_));
  }

  const bool ids_as_text_;
  const bool empty_texts_;
  const JsonStyle style_;
  std::string out_;
};

// The members of `unknown_fields_json`, as they are written. Made before the
// fields are, so that its parser is not held while messages nest.
struct UnknownMembers {
  absl::flat_hash_set<std::string> keys;
  std::string text;  // The members alone, without braces.

  UnknownMembers(const Message& message, const MessagePlan& plan,
                 const JsonStyle& style) {
    if (plan.unknown == nullptr) return;
    const std::string json =
        message.GetReflection()->GetString(message, plan.unknown);
    if (json.empty()) return;
    JsonParser parser;
    const absl::StatusOr<element> root = parser.Parse(json);
    simdjson::dom::object object;
    if (!root.ok() || root->get(object) != simdjson::SUCCESS) return;
    AppendJsonValue(*root, parser.text(), style, &text);
    text = text.substr(1, text.size() - 2);
    for (const auto member : object) keys.emplace(member.key);
  }
};

bool IsWritten(const Message& message, const FieldPlan& plan,
               bool empty_texts) {
  const Reflection* reflection = message.GetReflection();
  if (plan.field->is_repeated()) {
    return reflection->FieldSize(message, plan.field) > 0;
  }
  if (plan.field->has_presence()) {
    if (!reflection->HasField(message, plan.field)) return false;
    if (plan.shape != JsonShape::kUnion) return true;
    const Message& held = reflection->GetMessage(message, plan.field);
    return held.GetReflection()->HasOneof(
        held, plan.message->descriptor->oneof_decl(0));
  }
  if (!empty_texts && plan.field->type() == FieldDescriptor::TYPE_STRING) {
    return !reflection->GetString(message, plan.field).empty();
  }
  return !plan.is_id || reflection->GetUInt64(message, plan.field) != 0;
}

void Writer::WriteObject(const Message& message, const MessagePlan& plan) {
  const UnknownMembers unknown(message, plan, style_);
  bool first = true;
  Append("{");
  for (const FieldPlan& field : plan.fields) {
    if (!unknown.keys.empty() && unknown.keys.contains(field.name)) continue;
    if (IsWritten(message, field, empty_texts_)) {
      AppendKey(field.name, &first);
      WriteField(message, field);
    } else if (field.always) {
      AppendKey(field.name, &first);
      Append(field.field->is_repeated() ? "[]" : "null");
    }
  }
  if (!unknown.text.empty() && !first) Append(CommaOf(style_));
  Append(unknown.text);
  Append("}");
}

void Writer::WriteField(const Message& message, const FieldPlan& field) {
  if (!field.field->is_repeated()) return WriteItem(message, field, -1);
  const int size = message.GetReflection()->FieldSize(message, field.field);
  Append("[");
  for (int i = 0; i < size; ++i) {
    if (i > 0) Append(CommaOf(style_));
    WriteItem(message, field, i);
  }
  Append("]");
}

void Writer::WriteItem(const Message& message, const FieldPlan& field,
                       int index) {
  if (field.shape == JsonShape::kScalar) {
    return WriteScalar(message, field, index);
  }
  const Reflection* reflection = message.GetReflection();
  WriteSubmessage(
      index < 0 ? reflection->GetMessage(message, field.field)
                : reflection->GetRepeatedMessage(message, field.field, index),
      field.shape, field.message);
}

void Writer::WriteSubmessage(const Message& message, JsonShape shape,
                             const MessagePlan* plan) {
  using google::protobuf::DynamicCastToGenerated;
  switch (shape) {
    case JsonShape::kScalar:
      break;
    case JsonShape::kMessage:
      return WriteObject(message, *plan);
    case JsonShape::kUnion:
      return WriteUnion(message, *plan);
    case JsonShape::kStruct:
      return WriteStruct(
          *DynamicCastToGenerated<google::protobuf::Struct>(&message));
    case JsonShape::kListValue:
      return WriteList(
          *DynamicCastToGenerated<google::protobuf::ListValue>(&message));
    case JsonShape::kValue:
      return WriteValue(
          *DynamicCastToGenerated<google::protobuf::Value>(&message));
    case JsonShape::kTimestamp:
      return AppendString(FormatTimestamp(
          *DynamicCastToGenerated<google::protobuf::Timestamp>(&message)));
  }
}

void Writer::WriteUnion(const Message& message, const MessagePlan& plan) {
  for (const FieldPlan& member : plan.fields) {
    if (message.GetReflection()->HasField(message, member.field)) {
      return WriteItem(message, member, -1);
    }
  }
  Append("null");
}

void Writer::WriteScalar(const Message& message, const FieldPlan& field,
                         int index) {
  const Reflection* reflection = message.GetReflection();
#define CHATGATE_GET(Name)                                 \
  (index < 0 ? reflection->Get##Name(message, field.field) \
             : reflection->GetRepeated##Name(message, field.field, index))
  switch (field.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrAppend(&out_, CHATGATE_GET(Int32));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrAppend(&out_, CHATGATE_GET(Int64));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrAppend(&out_, CHATGATE_GET(UInt32));
    case FieldDescriptor::CPPTYPE_UINT64: {
      const absl::string_view quote = field.is_id && ids_as_text_ ? "\"" : "";
      return absl::StrAppend(&out_, quote, CHATGATE_GET(UInt64), quote);
    }
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Append(NumberText(CHATGATE_GET(Double)));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Append(NumberText(CHATGATE_GET(Float)));
    case FieldDescriptor::CPPTYPE_BOOL:
      return Append(CHATGATE_GET(Bool) ? "true" : "false");
    case FieldDescriptor::CPPTYPE_ENUM:
      return AppendString(CHATGATE_GET(Enum)->name());
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = CHATGATE_GET(String);
      return AppendString(field.field->type() == FieldDescriptor::TYPE_BYTES
                              ? absl::Base64Escape(text)
                              : text);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;  // Has a shape of its own.
  }
#undef CHATGATE_GET
}

void Writer::WriteStruct(const google::protobuf::Struct& value) {
  // A map has no order; sorted, the same message is always the same text.
  std::map<absl::string_view, const google::protobuf::Value*> sorted;
  for (const auto& [key, member] : value.fields()) sorted[key] = &member;
  bool first = true;
  Append("{");
  for (const auto& [key, member] : sorted) {
    AppendKey(key, &first);
    WriteValue(*member);
  }
  Append("}");
}

void Writer::WriteList(const google::protobuf::ListValue& value) {
  Append("[");
  for (int i = 0; i < value.values_size(); ++i) {
    if (i > 0) Append(CommaOf(style_));
    WriteValue(value.values(i));
  }
  Append("]");
}

void Writer::WriteValue(const google::protobuf::Value& value) {
  using google::protobuf::Value;
  switch (value.kind_case()) {
    case Value::kNumberValue:
      return Append(NumberText(value.number_value()));
    case Value::kStringValue:
      return AppendString(value.string_value());
    case Value::kBoolValue:
      return Append(value.bool_value() ? "true" : "false");
    case Value::kStructValue:
      return WriteStruct(value.struct_value());
    case Value::kListValue:
      return WriteList(value.list_value());
    case Value::kNullValue:
    case Value::KIND_NOT_SET:
      return Append("null");
  }
}

}  // namespace

std::string WriteJson(const Message& message, const JsonWriteOptions& options) {
  Writer writer(options);
  if (const auto* any =
          google::protobuf::DynamicCastToGenerated<google::protobuf::Struct>(
              &message)) {
    writer.WriteSubmessage(*any, JsonShape::kStruct, nullptr);
  } else {
    writer.WriteSubmessage(message, JsonShape::kMessage,
                           &PlanOf(message.GetDescriptor()));
  }
  return std::move(writer).Finish();
}

}  // namespace chatgate
