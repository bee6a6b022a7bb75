#include "client/responder/text_check.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/base/utf8.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void CheckText(const std::string& text, const std::string& field,
               std::vector<TextProblem>& problems) {
  const absl::string_view why = WhyNoText(text);
  if (!why.empty()) problems.push_back({field, absl::StrCat(field, " ", why)});
}

void Check(const Message& message, const std::string& path,
           std::vector<TextProblem>& problems) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string name =
        absl::StrCat(path, path.empty() ? "" : ".", field->name());
    const bool is_text = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    if (!is_text && field->message_type() == nullptr) continue;
    if (!field->is_repeated() && is_text) {
      CheckText(reflection.GetString(message, field), name, problems);
    } else if (!field->is_repeated()) {
      Check(reflection.GetMessage(message, field), name, problems);
    } else {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        const std::string element = absl::StrCat(name, "[", i, "]");
        if (is_text) {
          CheckText(reflection.GetRepeatedString(message, field, i), element,
                    problems);
        } else {
          Check(reflection.GetRepeatedMessage(message, field, i), element,
                problems);
        }
      }
    }
  }
}

}  // namespace

absl::string_view WhyNoText(absl::string_view text) {
  if (!IsUtf8(text)) return "is not UTF-8: save the file as UTF-8";
  if (text.find('\0') != absl::string_view::npos) {
    return "holds a NUL character";
  }
  return "";
}

std::vector<TextProblem> CheckTexts(const Message& message) {
  std::vector<TextProblem> problems;
  Check(message, "", problems);
  return problems;
}

size_t CharactersIn(absl::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (c & 0xC0) != 0x80; });
}

}  // namespace chatgate
