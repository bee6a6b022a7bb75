#ifndef CHATGATE_WEBHOOK_REQUEST_HEAD_H_
#define CHATGATE_WEBHOOK_REQUEST_HEAD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "webhook/http_message.h"

namespace chatgate {

// A request up to its body.
struct RequestHead {
  std::string method;
  std::vector<std::string> segments;  // Of the path, each percent-decoded.
  std::string query;
  HttpHeaders headers;

  // What the headers say of the body; absent length and not chunked: no body.
  std::optional<uint64_t> content_length;
  bool chunked = false;
  bool zipped = false;           // gzip or deflate.
  bool expect_continue = false;  // The sender waits for "100 Continue".
  bool keep_alive = false;       // The connection may serve another request.
};

// Reads a head, the empty line at its end included. Strict where two readers
// could disagree on where a request ends (a proxy and we): bare line feeds,
// folded lines, a space before the colon, two lengths, a length beside a
// transfer coding are refused. What was read before a refusal stays in `head`.
std::optional<Refusal> ParseRequestHead(absl::string_view text,
                                        RequestHead* head);

// Decodes `%HH`; a `%` without two digits stands for itself.
std::string PercentDecoded(absl::string_view text);

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_REQUEST_HEAD_H_
