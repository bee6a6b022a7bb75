#ifndef CHATGATE_WEBHOOK_HTTP_MESSAGE_H_
#define CHATGATE_WEBHOOK_HTTP_MESSAGE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "webhook/byte_stream.h"

namespace chatgate {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// A request as handlers see it: whole, within all limits, body unzipped.
struct HttpRequest {
  std::string method;                 // As sent, such as `POST`.
  std::vector<std::string> segments;  // Of the path, each percent-decoded.
  // What filled the holes of the route's pattern, in order.
  std::vector<std::string> holes;
  std::string query;  // Raw, without `?`.
  HttpHeaders headers;
  std::string body;
  std::string remote_address;

  // Value of the first header of that name in any case; empty when absent.
  absl::string_view Header(absl::string_view name) const;
};

// Writes the body of an answer that lasts, until it has ended or the other side
// is gone. Runs on a thread of its own.
using LongAnswer = std::function<void(ByteStream& stream)>;

struct HttpResponse;

// A short answer that somebody else makes later, for handlers that wait for
// others: the connection's thread waits for the next request meanwhile.
struct LaterAnswer {
  using Make = std::function<HttpResponse()>;

  // Called once, on the handler's thread. Gives away `answer`, which somebody
  // calls, once and on any thread, with what makes the answer; that may run
  // later, and elsewhere.
  std::function<void(std::function<void(Make)> answer)> begin;
  // From then on `too_late` makes it.
  absl::Duration time_max;
  Make too_late;
};

struct HttpResponse {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  HttpHeaders headers;  // Beside Content-Type and Content-Length.
  // Set on an answer to GET: it is written instead of `body`, and the
  // connection ends with it. 503 where there are as many as may be.
  LongAnswer long_answer = {};
  // Set: it is the answer, and the rest means nothing.
  std::shared_ptr<const LaterAnswer> later = {};
};

// Why a request is not answered by its handler. `reason` is public: it never
// repeats what the sender sent.
struct Refusal {
  int status = 400;
  std::string reason;
};

// `{"error": "unauthorized", "reason": "..."}`; the first word is the status's.
HttpResponse ErrorResponse(int status, absl::string_view reason);
// With a name of the error table.
HttpResponse ErrorResponse(int status, absl::string_view name,
                           absl::string_view reason);
inline HttpResponse ErrorResponse(const Refusal& refusal) {
  return ErrorResponse(refusal.status, refusal.reason);
}

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_HTTP_MESSAGE_H_
