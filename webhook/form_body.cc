#include "webhook/form_body.h"

#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/status_macros.h"
#include "server/json/json_parser.h"
#include "simdjson.h"

namespace chatgate {
namespace {

absl::StatusOr<FormFields> ReadJsonFields(absl::string_view body) {
  JsonParser parser;
  const absl::StatusOr<simdjson::dom::element> root = parser.Parse(body);
  simdjson::dom::object object;
  if (!root.ok() || root->get_object().get(object) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError("the body is no JSON object");
  }
  FormFields fields;
  for (const auto& [name, value] : object) {
    if (fields.size() == kFormFieldsMax) {
      return absl::InvalidArgumentError("the body has too many fields");
    }
    std::string_view text;
    if (value.is_null()) continue;
    fields.emplace_back(std::string(name),
                        value.get_string().get(text) == simdjson::SUCCESS
                            ? std::string(text)
                            : simdjson::minify(value));
  }
  return fields;
}

// The value of a parameter such as `boundary` or `name` in a header's value.
std::string ParameterOf(absl::string_view header, absl::string_view name) {
  for (absl::string_view piece : absl::StrSplit(header, ';')) {
    piece = absl::StripAsciiWhitespace(piece);
    const size_t equals = piece.find('=');
    if (equals == absl::string_view::npos ||
        !absl::EqualsIgnoreCase(piece.substr(0, equals), name)) {
      continue;
    }
    absl::string_view value = piece.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return std::string(value);
  }
  return "";
}

// The name of a part, from its head; empty when it says none.
std::string PartName(absl::string_view head) {
  for (const absl::string_view line : absl::StrSplit(head, "\r\n")) {
    if (absl::StartsWithIgnoreCase(line, "Content-Disposition:")) {
      return ParameterOf(line, "name");
    }
  }
  return "";
}

absl::StatusOr<FormFields> ReadMultipart(absl::string_view boundary,
                                         absl::string_view body) {
  if (boundary.empty() || boundary.size() > 70) {
    return absl::InvalidArgumentError("multipart without a boundary");
  }
  const std::string first = absl::StrCat("--", boundary);
  const std::string next = absl::StrCat("\r\n", first);
  size_t at = body.find(first);
  if (at == absl::string_view::npos) {
    return absl::InvalidArgumentError("multipart without its boundary");
  }
  body.remove_prefix(at + first.size());
  FormFields fields;
  while (!absl::StartsWith(body, "--")) {
    const size_t head_end = body.find("\r\n\r\n");
    const size_t end = body.find(next, std::min(head_end, body.size()));
    if (end == absl::string_view::npos || fields.size() == kFormFieldsMax) {
      return absl::InvalidArgumentError("multipart without an end");
    }
    const size_t start = std::min(head_end + 4, end);
    fields.emplace_back(PartName(body.substr(0, head_end)),
                        std::string(body.substr(start, end - start)));
    body.remove_prefix(end + next.size());
  }
  return fields;
}

}  // namespace

absl::StatusOr<FormFields> ReadFormBody(absl::string_view content_type,
                                        absl::string_view body) {
  if (absl::StartsWithIgnoreCase(content_type, "multipart/form-data")) {
    return ReadMultipart(ParameterOf(content_type, "boundary"), body);
  }
  const absl::string_view text = absl::StripAsciiWhitespace(body);
  if (text.empty()) return absl::InvalidArgumentError("the body is empty");
  if (text.front() == '{') return ReadJsonFields(text);
  if (!absl::StrContains(text, "=")) {
    return absl::InvalidArgumentError("the body is no form");
  }
  return ParseForm(body);
}

}  // namespace chatgate
