#include "server/rest_codec/form_body.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/backend/error_table.h"
#include "server/json/form_reader.h"

namespace chatgate {
namespace {

int HexDigit(char c) {
  if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return -1;
  return absl::ascii_isdigit(static_cast<unsigned char>(c))
             ? c - '0'
             : absl::ascii_tolower(static_cast<unsigned char>(c)) - 'a' + 10;
}

std::string Decoded(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
        HexDigit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(HexDigit(text[i + 1]) * 16 +
                                      HexDigit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

absl::Status TooMany() {
  return MakeError("BadRequest",
                   absl::StrCat("more than ", kRestArgumentsMax, " arguments"));
}

}  // namespace

absl::Status AppendQueryArguments(absl::string_view query,
                                  RestArguments* arguments) {
  for (absl::string_view pair : absl::StrSplit(query, '&', absl::SkipEmpty())) {
    if (arguments->size() >= kRestArgumentsMax) return TooMany();
    const std::pair<absl::string_view, absl::string_view> split =
        absl::StrSplit(pair, absl::MaxSplits('=', 1));
    arguments->push_back({Decoded(split.first), Decoded(split.second)});
  }
  return absl::OkStatus();
}

absl::Status AppendFormArguments(absl::string_view body,
                                 RestArguments* arguments) {
  absl::StatusOr<FormFields> fields =
      ParseForm(body, kRestArgumentsMax - arguments->size());
  if (!fields.ok()) return TooMany();
  for (auto& [name, value] : *fields) {
    arguments->push_back({std::move(name), std::move(value)});
  }
  return absl::OkStatus();
}

}  // namespace chatgate
