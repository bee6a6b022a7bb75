#ifndef CHATGATE_WEBHOOK_HTTP_EXCHANGE_H_
#define CHATGATE_WEBHOOK_HTTP_EXCHANGE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "webhook/answer_text.h"
#include "webhook/http_message.h"
#include "webhook/request_head.h"

namespace chatgate {

// One request and its answer. Where the body is zipped, cpp-httplib does them;
// it never sees the sender's head, but one of ours that asks only for what it
// does well, which is to unzip a body and to write an answer. So its own ideas
// of routes, verbs, ranges, expectations, forms and lengths have nothing to
// work on.
//
// Threads: one at a time.
class HttpExchange {
 public:
  // Gets the unzipped body, or why there is none. nullopt: somebody else writes
  // the answer, and what Run returns means nothing.
  using Answer = std::function<std::optional<HttpResponse>(
      std::optional<Refusal> refusal, std::string body)>;

  explicit HttpExchange(uint64_t body_bytes_max);
  ~HttpExchange();

  // Unzips `body`, asks for the answer and returns its bytes on the wire.
  // Refuses with 413 what unzips to more than the limit, and with 400 what does
  // not unzip.
  std::string Run(const RequestHead& head, std::string body,
                  const AnswerForm& form, const Answer& answer);

 private:
  class Library;
  const std::unique_ptr<Library> library_;
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_HTTP_EXCHANGE_H_
