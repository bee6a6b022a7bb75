#ifndef CHATGATE_WEBHOOK_ANSWER_TEXT_H_
#define CHATGATE_WEBHOOK_ANSWER_TEXT_H_

#include <string>

#include "webhook/http_message.h"

namespace chatgate {

struct AnswerForm {
  bool close = false;      // It tells that the connection ends with it.
  bool head_only = false;  // It answers a HEAD.
};

// An answer's bytes on the wire, as cpp-httplib writes them.
std::string AnswerText(const HttpResponse& response, const AnswerForm& form);

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_ANSWER_TEXT_H_
