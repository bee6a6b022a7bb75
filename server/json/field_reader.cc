#include "server/json/field_reader.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/timestamp.pb.h"
#include "server/json/json_parser.h"
#include "server/json/kept_members.h"
#include "server/json/struct_reader.h"
#include "server/json/timestamp_text.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using simdjson::dom::element;
using simdjson::dom::element_type;

// The worse of two.
Fit Worse(Fit a, Fit b) { return std::max(a, b); }

bool IsNumber(element value) {
  return value.is<int64_t>() || value.is<uint64_t>() || value.is<double>();
}

// The message to fill: the field's own, or a new one of a list.
Message* Grow(const FieldPlan& plan, Message* message) {
  const auto* reflection = message->GetReflection();
  return plan.field->is_repeated()
             ? reflection->AddMessage(message, plan.field)
             : reflection->MutableMessage(message, plan.field);
}

// Takes back what Grow gave.
void Shrink(const FieldPlan& plan, Message* message) {
  const auto* reflection = message->GetReflection();
  if (plan.field->is_repeated()) {
    reflection->RemoveLast(message, plan.field);
  } else {
    reflection->ClearField(message, plan.field);
  }
}

bool ReadWellKnown(element value, const FieldPlan& plan, Message* message) {
  using google::protobuf::DynamicCastToGenerated;
  switch (plan.shape) {
    case JsonShape::kStruct: {
      auto* out = DynamicCastToGenerated<google::protobuf::Struct>(message);
      return out != nullptr && value.is_object() && ReadStruct(value, out);
    }
    case JsonShape::kListValue: {
      auto* out = DynamicCastToGenerated<google::protobuf::ListValue>(message);
      return out != nullptr && value.is_array() && ReadListValue(value, out);
    }
    case JsonShape::kValue: {
      auto* out = DynamicCastToGenerated<google::protobuf::Value>(message);
      return out != nullptr && ReadValue(value, out);
    }
    case JsonShape::kTimestamp: {
      auto* out = DynamicCastToGenerated<google::protobuf::Timestamp>(message);
      std::string_view text;
      return out != nullptr && value.get(text) == simdjson::SUCCESS &&
             ParseTimestamp(View(text), out);
    }
    default:
      return false;
  }
}

// The member that an object stands for: the one that its `type` names.
const FieldPlan* MessageMember(element value, const MessagePlan& plan) {
  std::string_view type;
  if (value["type"].get(type) == simdjson::SUCCESS) {
    const FieldPlan* named = plan.Find(View(type));
    if (named != nullptr && named->shape == JsonShape::kMessage) return named;
  }
  return plan.message_member;
}

Fit ReadUnion(element value, RawValue& raw, const MessagePlan& plan,
              Message* message) {
  const FieldPlan* member =
      value.is_object() ? MessageMember(value, plan) : plan.scalar_member;
  if (member == nullptr) return Fit::kNot;
  return ReadField(value, raw, *member, message);
}

// Where an object is expected, a bare number is its id. The writer would make
// an object of it, so that the original is kept too.
Fit ReadBareId(element value, RawValue& raw, const MessagePlan& plan,
               Message* message) {
  const FieldPlan* id = plan.Find("id");
  if (id == nullptr || id->shape != JsonShape::kScalar || !IsNumber(value) ||
      ReadScalar(value, raw, id->field, message) == Fit::kNot) {
    return Fit::kNot;
  }
  return Fit::kPartly;
}

// One value that is no text, into one message.
Fit ReadMessage(element value, RawValue& raw, const FieldPlan& plan,
                Message* message) {
  switch (plan.shape) {
    case JsonShape::kMessage:
      if (!value.is_object()) {
        return ReadBareId(value, raw, *plan.message, message);
      }
      ReadObject(value, raw, *plan.message, message);
      return Fit::kExact;
    case JsonShape::kUnion:
      return ReadUnion(value, raw, *plan.message, message);
    default:
      return ReadWellKnown(value, plan, message) ? Fit::kExact : Fit::kNot;
  }
}

// Whether a text in place of the field's value may be JSON text.
bool TakesJsonText(const FieldPlan& plan, absl::string_view text) {
  switch (plan.shape) {
    case JsonShape::kMessage:
    case JsonShape::kStruct:
    case JsonShape::kListValue:
      return true;
    case JsonShape::kUnion:
      return !text.empty() && text[0] == '{';
    default:
      return false;
  }
}

Fit ReadSingle(element value, RawValue& raw, const FieldPlan& plan,
               Message* message);

// A JSON text that stands inside a text.
Fit ReadNested(absl::string_view text, const FieldPlan& plan, Message* message,
               Fit (*read)(element, RawValue&, const FieldPlan&, Message*)) {
  JsonParser parser;
  const absl::StatusOr<element> root = parser.Parse(text);
  if (!root.ok() || root->is_string() || root->is_null()) return Fit::kNot;
  RawValue raw(parser.text());
  return read(*root, raw, plan, message);
}

// One value into a singular field, or as one more element of a list.
Fit ReadSingle(element value, RawValue& raw, const FieldPlan& plan,
               Message* message) {
  if (plan.shape == JsonShape::kScalar) {
    if (value.is_object() && plan.is_id) {
      element id;
      if (value["id"].get(id) != simdjson::SUCCESS || id.is_object()) {
        return Fit::kNot;
      }
      return Worse(Fit::kPartly, ReadScalar(id, raw, plan.field, message));
    }
    return ReadScalar(value, raw, plan.field, message);
  }
  std::string_view string;
  if (value.get(string) == simdjson::SUCCESS) {
    const absl::string_view text = absl::StripAsciiWhitespace(View(string));
    // Senders write "" where they have no object.
    if (text.empty() && plan.shape != JsonShape::kValue) return Fit::kExact;
    if (TakesJsonText(plan, text)) {
      return ReadNested(text, plan, message, &ReadSingle);
    }
  }
  const Fit fit = ReadMessage(value, raw, plan, Grow(plan, message));
  if (fit == Fit::kNot) Shrink(plan, message);
  return fit;
}

Fit ReadList(element value, RawValue& raw, const FieldPlan& plan,
             Message* message) {
  simdjson::dom::array list;
  if (value.get(list) != simdjson::SUCCESS) return Fit::kNot;
  Fit worst = Fit::kExact;
  size_t index = 0;
  for (const element item : list) {
    RawValue item_raw(raw, index++);
    // A list has no empty places: those that do not fit are left out of it.
    const Fit fit =
        item.is_null() ? Fit::kNot : ReadSingle(item, item_raw, plan, message);
    if (fit != Fit::kExact) worst = Fit::kPartly;
  }
  return worst;
}

Fit ReadListText(absl::string_view text, const FieldPlan& plan,
                 Message* message) {
  text = absl::StripAsciiWhitespace(text);
  if (text.empty()) return Fit::kExact;
  if (text[0] == '[') return ReadNested(text, plan, message, &ReadList);
  if (!plan.comma || plan.shape != JsonShape::kScalar) return Fit::kNot;
  Fit worst = Fit::kExact;
  for (const absl::string_view item : absl::StrSplit(text, ',')) {
    if (ReadScalarText(item, plan.field, message) != Fit::kExact) {
      worst = Fit::kPartly;
    }
  }
  return worst;
}

}  // namespace

Fit ReadField(element value, RawValue& raw, const FieldPlan& plan,
              Message* message) {
  if (value.is_null()) return Fit::kExact;
  if (!plan.field->is_repeated()) return ReadSingle(value, raw, plan, message);
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    return ReadListText(View(text), plan, message);
  }
  return ReadList(value, raw, plan, message);
}

Fit ReadFieldText(absl::string_view text, const FieldPlan& plan,
                  Message* message) {
  if (plan.field->is_repeated()) return ReadListText(text, plan, message);
  if (plan.shape == JsonShape::kScalar) {
    return ReadScalarText(text, plan.field, message);
  }
  if (absl::StripAsciiWhitespace(text).empty()) return Fit::kExact;
  return ReadNested(text, plan, message, &ReadSingle);
}

void ReadObject(simdjson::dom::object object, RawValue& raw,
                const MessagePlan& plan, Message* message) {
  KeptMembers kept(plan);
  bool keeps = false;
  size_t index = 0;
  for (const auto member : object) {
    const auto found = plan.by_name.find(View(member.key));
    if (found == plan.by_name.end()) {
      kept.KeepUnknown(index);
      keeps = true;
    } else {
      const FieldPlan& field = plan.fields[found->second];
      if (!kept.See(found->second)) {
        message->GetReflection()->ClearField(message, field.field);
      }
      RawValue member_raw(raw, index);
      if (ReadField(member.value, member_raw, field, message) != Fit::kExact) {
        kept.KeepField(found->second, index);
        keeps = true;
      }
    }
    ++index;
  }
  if (keeps) kept.Store(object, raw, plan, message);
}

}  // namespace chatgate
