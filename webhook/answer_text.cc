#include "webhook/answer_text.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "webhook/request_limits.h"

namespace chatgate {
namespace {

// For people: programs read the number.
absl::string_view ReasonOf(int status) {
  static constexpr std::pair<int, absl::string_view> kReasons[] = {
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {304, "Not Modified"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Payload Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {422, "Unprocessable Entity"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"}};
  for (const auto& [known, reason] : kReasons) {
    if (known == status) return reason;
  }
  return "Other";
}

// Ends the line, whatever a value holds.
void AddHeader(absl::string_view name, absl::string_view value,
               std::string* out) {
  if (absl::StrContains(value, '\r') || absl::StrContains(value, '\n')) return;
  absl::StrAppend(out, name, ": ", value, "\r\n");
}

}  // namespace

std::string AnswerText(const HttpResponse& response, const AnswerForm& form) {
  std::string out;
  out.reserve(256 + response.body.size());
  absl::StrAppend(&out, "HTTP/1.1 ", response.status, " ",
                  ReasonOf(response.status), "\r\n", "Accept-Ranges: none\r\n");
  AddHeader("Content-Type", response.content_type, &out);
  for (const auto& [name, value] : response.headers) {
    AddHeader(name, value, &out);
  }
  if (form.close) {
    absl::StrAppend(&out, "Connection: close\r\n");
  } else {
    absl::StrAppend(&out,
                    "Keep-Alive: timeout=", absl::ToInt64Seconds(kIdleTimeMax),
                    ", max=", kConnectionRequestsMax, "\r\n");
  }
  absl::StrAppend(&out, "Content-Length: ", response.body.size(), "\r\n\r\n");
  if (!form.head_only) out += response.body;
  return out;
}

}  // namespace chatgate
