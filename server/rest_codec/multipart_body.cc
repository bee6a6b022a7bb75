// multipart/form-data (RFC 7578), as far as clients of the Web API send it.
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/rest_codec/form_body.h"

namespace chatgate {
namespace {

constexpr size_t kBoundaryBytesMax = 200;  // The standard says 70.

absl::Status Broken(absl::string_view why) {
  return MakeError("BadRequest", absl::StrCat("the multipart body ", why));
}

// The value of `name` in a header such as `form-data; name="a"; filename="b"`.
std::optional<std::string> Parameter(absl::string_view header,
                                     absl::string_view name) {
  size_t i = header.find(';');
  while (i < header.size()) {
    absl::string_view rest =
        absl::StripLeadingAsciiWhitespace(header.substr(i + 1));
    const size_t equals = rest.find_first_of("=;");
    if (equals == absl::string_view::npos) return std::nullopt;
    if (rest[equals] == ';') {
      i = rest.data() + equals - header.data();
      continue;
    }
    const bool wanted = absl::EqualsIgnoreCase(
        absl::StripAsciiWhitespace(rest.substr(0, equals)), name);
    rest = absl::StripLeadingAsciiWhitespace(rest.substr(equals + 1));
    std::string value;
    if (absl::ConsumePrefix(&rest, "\"")) {
      size_t end = 0;
      for (; end < rest.size() && rest[end] != '"'; ++end) {
        // Browsers send a backslash before a quotation mark alone.
        if (rest[end] == '\\' && end + 1 < rest.size() && rest[end + 1] == '"')
          ++end;
        value.push_back(rest[end]);
      }
      rest.remove_prefix(end);
    } else {
      value = std::string(
          absl::StripAsciiWhitespace(rest.substr(0, rest.find(';'))));
    }
    if (wanted) return value;
    const size_t next = rest.find(';');
    if (next == absl::string_view::npos) return std::nullopt;
    i = rest.data() + next - header.data();
  }
  return std::nullopt;
}

// Reads the headers of one part; `part` is then its content.
absl::StatusOr<std::string> TakeDisposition(absl::string_view* part) {
  std::string disposition;
  while (true) {
    const size_t end = part->find("\r\n");
    if (end == absl::string_view::npos) {
      return Broken("holds a part without content");
    }
    const absl::string_view line = part->substr(0, end);
    part->remove_prefix(end + 2);
    if (line.empty()) return disposition;
    const std::pair<absl::string_view, absl::string_view> header =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    if (absl::EqualsIgnoreCase(header.first, "content-disposition")) {
      disposition = std::string(header.second);
    }
  }
}

absl::Status AppendPart(absl::string_view part, RestArguments* arguments) {
  ASSIGN_OR_RETURN(const std::string disposition, TakeDisposition(&part));
  std::optional<std::string> name = Parameter(disposition, "name");
  if (!name.has_value()) return Broken("holds a part without a name");
  if (Parameter(disposition, "filename").has_value()) return absl::OkStatus();
  if (arguments->size() >= kRestArgumentsMax) {
    return MakeError("BadRequest", absl::StrCat("more than ", kRestArgumentsMax,
                                                " arguments"));
  }
  arguments->push_back({*std::move(name), std::string(part)});
  return absl::OkStatus();
}

}  // namespace

absl::Status AppendMultipartArguments(absl::string_view content_type,
                                      absl::string_view body,
                                      RestArguments* arguments) {
  if (body.empty()) return absl::OkStatus();
  const std::optional<std::string> boundary =
      Parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > kBoundaryBytesMax) {
    return Broken("has no boundary");
  }
  // A delimiter stands at the beginning of a line.
  const std::string delimiter = absl::StrCat("\r\n--", *boundary);
  if (!absl::ConsumePrefix(&body, absl::string_view(delimiter).substr(2))) {
    const size_t first = body.find(delimiter);
    if (first == absl::string_view::npos) return Broken("has no parts");
    body.remove_prefix(first + delimiter.size());
  }
  while (!absl::StartsWith(body, "--")) {
    const size_t line_end = body.find("\r\n");
    if (line_end == absl::string_view::npos) return Broken("has no end");
    body.remove_prefix(line_end + 2);
    const size_t end = body.find(delimiter);
    if (end == absl::string_view::npos) return Broken("has no end");
    RETURN_IF_ERROR(AppendPart(body.substr(0, end), arguments));
    body.remove_prefix(end + delimiter.size());
  }
  return absl::OkStatus();
}

}  // namespace chatgate
