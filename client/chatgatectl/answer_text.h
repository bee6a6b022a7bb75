#ifndef CHATGATE_CLIENT_CHATGATECTL_ANSWER_TEXT_H_
#define CHATGATE_CLIENT_CHATGATECTL_ANSWER_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/chatgatectl/terminal.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace chatgate {

// An RPC's answer as text that ends a line. For programs: one line of JSON in
// the proto's own names. For people: a table where the answer is a list, else
// JSON on many lines. INTERNAL: it cannot be written as JSON.
absl::StatusOr<std::string> AnswerText(const google::protobuf::Message& answer,
                                       Reader reader);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_CHATGATECTL_ANSWER_TEXT_H_
