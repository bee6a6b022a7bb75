#include "client/chatgatectl/answer_text.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::TextFormat;

constexpr size_t kColumnsMax = 7;

// The one list of messages that the answer is made of, or null.
const FieldDescriptor* ListOf(const Message& answer) {
  const FieldDescriptor* list = nullptr;
  for (int i = 0; i < answer.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = answer.GetDescriptor()->field(i);
    if (!field->is_repeated()) continue;
    if (list != nullptr || field->message_type() == nullptr) return nullptr;
    list = field;
  }
  if (list == nullptr || list->is_map() ||
      answer.GetReflection()->FieldSize(answer, list) == 0) {
    return nullptr;
  }
  return list;
}

// What one cell can show, and some row has.
std::vector<const FieldDescriptor*> ColumnsOf(const Message& answer,
                                              const FieldDescriptor& list) {
  std::vector<const FieldDescriptor*> columns;
  const Reflection& reflection = *answer.GetReflection();
  for (int i = 0; i < list.message_type()->field_count(); ++i) {
    const FieldDescriptor* field = list.message_type()->field(i);
    if (field->is_repeated() || field->message_type() != nullptr ||
        absl::EndsWith(field->name(), "_json")) {
      continue;
    }
    for (int row = 0; row < reflection.FieldSize(answer, &list); ++row) {
      const Message& item = reflection.GetRepeatedMessage(answer, &list, row);
      if (!item.GetReflection()->HasField(item, field)) continue;
      columns.push_back(field);
      break;
    }
    if (columns.size() == kColumnsMax) break;
  }
  return columns;
}

std::string CellOf(const Message& item, const FieldDescriptor* field) {
  const Reflection& reflection = *item.GetReflection();
  if (!reflection.HasField(item, field)) return "";
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return reflection.GetString(item, field);
  }
  std::string text;
  TextFormat::PrintFieldValueToString(item, field, -1, &text);
  return text;
}

std::string TableOf(const Message& answer, const FieldDescriptor& list,
                    const std::vector<const FieldDescriptor*>& columns) {
  const Reflection& reflection = *answer.GetReflection();
  std::vector<std::string> headings;
  headings.reserve(columns.size());
  for (const FieldDescriptor* column : columns) {
    headings.push_back(column->name());
  }
  std::vector<std::vector<std::string>> rows;
  for (int row = 0; row < reflection.FieldSize(answer, &list); ++row) {
    const Message& item = reflection.GetRepeatedMessage(answer, &list, row);
    rows.emplace_back();
    for (const FieldDescriptor* column : columns) {
      rows.back().push_back(CellOf(item, column));
    }
  }
  std::string text = Table(headings, rows);
  // What stands beside the list, such as the next page's token.
  for (int i = 0; i < answer.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = answer.GetDescriptor()->field(i);
    if (field->is_repeated() || field->message_type() != nullptr) continue;
    if (const std::string cell = CellOf(answer, field); !cell.empty()) {
      absl::StrAppend(&text, field->name(), ": ", cell, "\n");
    }
  }
  return text;
}

}  // namespace

absl::StatusOr<std::string> AnswerText(const Message& answer, Reader reader) {
  if (reader == Reader::kPerson) {
    const FieldDescriptor* list = ListOf(answer);
    if (list != nullptr) {
      const auto columns = ColumnsOf(answer, *list);
      if (!columns.empty()) return TableOf(answer, *list, columns);
    }
  }
  google::protobuf::util::JsonPrintOptions print;
  print.add_whitespace = reader == Reader::kPerson;
  print.preserve_proto_field_names = true;
  std::string text;
  const auto printed =
      google::protobuf::util::MessageToJsonString(answer, &text, print);
  if (!printed.ok()) {
    return absl::InternalError(std::string(printed.message()));
  }
  if (!absl::EndsWith(text, "\n")) text += "\n";
  return text;
}

}  // namespace chatgate
