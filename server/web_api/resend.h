#ifndef CHATGATE_SERVER_WEB_API_RESEND_H_
#define CHATGATE_SERVER_WEB_API_RESEND_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "server/backend/method_table.h"

namespace chatgate {

// Whether sending this very request twice does, and says, what sending it once
// does: by its method, or by what it asks for.
bool ResendIsSafe(const Method& method,
                  const google::protobuf::Message& request);

// Gives a request the random ids that its parts will carry, where it can have
// them and its caller has chosen none: a number made of app, method,
// `request_id` and chance, so that no other request has it, not even one of
// another day with the same `request_id`; or `known_id`, where it was sent
// before with that. The other ids follow from it. A method that may be sent
// again needs none.
void FillRandomIds(uint64_t app_id, absl::string_view request_id,
                   uint32_t known_id, google::protobuf::Message* request);

// What the platform would refuse for certain: required arguments that are
// missing, a negative page size. Spares a request of the budget.
absl::Status CheckArguments(const google::protobuf::Message& request);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_RESEND_H_
