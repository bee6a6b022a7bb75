#include "server/rest_codec/json_body.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"
#include "server/json/json_parser.h"
#include "server/json/raw_json.h"
#include "server/rest_codec/json_position.h"

namespace chatgate {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

absl::Status CheckText(absl::string_view body) {
  const size_t broken = FirstNotUtf8(body);
  if (broken != absl::string_view::npos) {
    return InvalidField(MemberAt(body, broken), "is not UTF-8");
  }
  // The body's own braces are one more.
  const size_t deep = FirstTooDeep(body, kArgumentDepthMax + 1);
  if (deep != absl::string_view::npos) {
    return InvalidField(MemberAt(body, deep), "is nested too deep");
  }
  return absl::OkStatus();
}

RestArgument ReadMember(absl::string_view name, element value,
                        absl::string_view raw) {
  RestArgument argument;
  argument.name = std::string(name);
  if (value.type() == element_type::STRING) {
    argument.value = std::string(std::string_view(value));
  } else {
    argument.value = std::string(raw);
  }
  argument.native = value.type() == element_type::ARRAY ||
                    value.type() == element_type::OBJECT;
  return argument;
}

}  // namespace

absl::Status AppendJsonArguments(absl::string_view body,
                                 RestArguments* arguments) {
  if (absl::StripAsciiWhitespace(body).empty()) return absl::OkStatus();
  if (absl::Status status = CheckText(body); !status.ok()) return status;

  JsonParser parser;
  const absl::StatusOr<element> root = parser.Parse(body);
  if (!root.ok()) {
    // The parser refuses the whole text for one number.
    const size_t huge = FirstHugeNumber(body);
    if (huge != absl::string_view::npos) {
      return InvalidField(MemberAt(body, huge), "holds a number out of range");
    }
    return MakeError("BadRequest", "the body is not well-formed JSON");
  }
  if (root->type() == element_type::ARRAY &&
      simdjson::dom::array(*root).size() == 0) {
    return absl::OkStatus();
  }
  if (root->type() != element_type::OBJECT) {
    return MakeError("BadRequest", "the body is no JSON object");
  }
  RawValue raw(parser.text());
  size_t index = 0;
  for (const auto member : simdjson::dom::object(*root)) {
    const size_t here = index++;
    if (member.value.type() == element_type::NULL_VALUE) continue;
    if (arguments->size() >= kRestArgumentsMax) {
      return MakeError(
          "BadRequest",
          absl::StrCat("more than ", kRestArgumentsMax, " arguments"));
    }
    arguments->push_back(
        ReadMember(View(member.key), member.value, raw.Child(here)));
  }
  return absl::OkStatus();
}

}  // namespace chatgate
