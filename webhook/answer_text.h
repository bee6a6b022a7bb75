#ifndef CHATGATE_WEBHOOK_ANSWER_TEXT_H_
#define CHATGATE_WEBHOOK_ANSWER_TEXT_H_

#include <string>

#include "webhook/http_message.h"

namespace chatgate {

// An answer's bytes on the wire, as cpp-httplib writes them. `close`: it tells
// that the connection ends with it. `head_only`: it answers a HEAD.
std::string AnswerText(const HttpResponse& response, bool close,
                       bool head_only);

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_ANSWER_TEXT_H_
