#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/utf8.h"
#include "server/json/json_parser.h"
#include "server/json/json_reader.h"
#include "server/json/message_plan.h"
#include "server/json/raw_json.h"
#include "server/rest_codec/argument_reader.h"
#include "server/rest_codec/json_position.h"

namespace chatgate {
namespace {

using google::protobuf::Message;
using simdjson::dom::element;
using simdjson::dom::element_type;

// Compares the shape of JSON with that of a message, which ReadJson would
// forgive.
class ShapeCheck {
 public:
  explicit ShapeCheck(std::vector<FieldViolation>* violations)
      : violations_(*violations) {}

  void CheckObject(element value, const MessagePlan& plan,
                   const std::string& path) {
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS) {
      return Refuse(path, "must be a JSON object");
    }
    for (const auto member : object) {
      const FieldPlan* field = plan.Find(View(member.key));
      if (field == nullptr || member.value.type() == element_type::NULL_VALUE) {
        continue;
      }
      CheckField(member.value, *field, absl::StrCat(path, ".", field->name));
    }
  }

  void CheckList(element value, const FieldPlan& field, bool deep,
                 const std::string& path) {
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS) {
      return Refuse(path, "must be a JSON array");
    }
    size_t index = 0;
    for (const element item : array) {
      const std::string name = absl::StrCat(path, "[", index++, "]");
      if (deep) {
        CheckItem(item, field, name);
      } else if (item.type() != element_type::OBJECT) {
        Refuse(name, "must be a JSON object");
      }
    }
  }

 private:
  void CheckField(element value, const FieldPlan& field,
                  const std::string& path) {
    if (field.field->is_repeated()) return CheckList(value, field, true, path);
    CheckItem(value, field, path);
  }

  void CheckItem(element value, const FieldPlan& field,
                 const std::string& path) {
    const element_type type = value.type();
    const bool container =
        type == element_type::OBJECT || type == element_type::ARRAY;
    // JSON text in place of an object is common enough.
    const bool text = type == element_type::STRING;
    switch (field.shape) {
      case JsonShape::kMessage:
        // PHP makes `[]` of an object without members.
        if (!text && !IsEmptyArray(value)) {
          CheckObject(value, *field.message, path);
        }
        break;
      case JsonShape::kStruct:
        if (type != element_type::OBJECT && !text && !IsEmptyArray(value)) {
          Refuse(path, "must be a JSON object");
        }
        break;
      case JsonShape::kScalar:
        if (container) Refuse(path, "must be text or a number");
        break;
      default:
        break;
    }
  }

  static bool IsEmptyArray(element value) {
    simdjson::dom::array array;
    return value.get(array) == simdjson::SUCCESS && array.size() == 0;
  }

  void Refuse(const std::string& path, absl::string_view reason) {
    // One call names no more than a reader would read.
    if (violations_.size() < kViolationsMax) {
      violations_.push_back({path, std::string(reason)});
    }
  }

  static constexpr size_t kViolationsMax = 20;
  std::vector<FieldViolation>& violations_;
};

bool IsNothing(element value, const FieldPlan& plan) {
  if (value.type() == element_type::NULL_VALUE) return true;
  simdjson::dom::array array;
  return !plan.field->is_repeated() && value.get(array) == simdjson::SUCCESS &&
         array.size() == 0;
}

}  // namespace

void ReadJsonArgument(const RestArgument& argument, const RestField& field,
                      Message* request,
                      std::vector<FieldViolation>* violations) {
  if (argument.value.empty()) return;
  if (!IsUtf8(argument.value)) {
    return violations->push_back({field.name, "is not UTF-8"});
  }
  if (FirstTooDeep(argument.value, kArgumentDepthMax) !=
      absl::string_view::npos) {
    return violations->push_back({field.name, "is nested too deep"});
  }
  JsonParser parser;
  const absl::StatusOr<element> root = parser.Parse(argument.value);
  if (!root.ok()) {
    return violations->push_back({field.name, "is not well-formed JSON"});
  }
  const FieldPlan* plan = PlanOf(request->GetDescriptor()).Find(field.name);
  if (plan == nullptr || IsNothing(*root, *plan)) return;

  const size_t before = violations->size();
  ShapeCheck check(violations);
  if (field.field->is_repeated()) {
    check.CheckList(*root, *plan, /*deep=*/false, field.name);
  } else if (plan->shape == JsonShape::kMessage) {
    check.CheckObject(*root, *plan->message, field.name);
  } else if (root->type() != element_type::OBJECT) {
    violations->push_back({field.name, "must be a JSON object"});
  }
  if (violations->size() > before) return;

  std::string object = "{";
  AppendJsonString(field.name, false, &object);
  absl::StrAppend(&object, ":", parser.text(), "}");
  const std::unique_ptr<Message> scratch(request->New());
  if (!ReadJson(object, scratch.get()).ok()) {
    return violations->push_back({field.name, "cannot be read"});
  }
  request->MergeFrom(*scratch);
}

}  // namespace chatgate
