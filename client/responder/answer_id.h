#ifndef CHATGATE_CLIENT_RESPONDER_ANSWER_ID_H_
#define CHATGATE_CLIENT_RESPONDER_ANSWER_ID_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace chatgate {

// The request id of the answer that a rule's action gives to an event: the same
// in every run and every replica of the responder, so that the gateway takes
// the second one for the first. 64 hexadecimal digits.
std::string AnswerId(uint64_t app_id, absl::string_view event_id,
                     absl::string_view rule_id, int action);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_ANSWER_ID_H_
