#ifndef CHATGATE_CLIENT_RESPONDER_TEXT_CHECK_H_
#define CHATGATE_CLIENT_RESPONDER_TEXT_CHECK_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace chatgate {

// Why no gateway takes `text`, such as "is not UTF-8"; empty where it does.
absl::string_view WhyNoText(absl::string_view text);

// A text that no gateway takes; `field` is a path such as
// `actions[1].reply.body`.
struct TextProblem {
  std::string field;
  std::string reason;
};

// All of them in `message`, however deep.
std::vector<TextProblem> CheckTexts(const google::protobuf::Message& message);

// How many characters `text` has, which is UTF-8.
size_t CharactersIn(absl::string_view text);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_TEXT_CHECK_H_
