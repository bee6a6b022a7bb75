#ifndef CHATGATE_SERVER_PLATFORM_REQUEST_IDS_H_
#define CHATGATE_SERVER_PLATFORM_REQUEST_IDS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "server/platform/context.h"

// How a change happens once: the answer of a call that carries a `request_id`
// is kept in the transaction of the change itself, as long as what it made. A
// call that failed leaves nothing. While the first call runs, the second waits
// its turn behind it on the writer's thread.
namespace chatgate::platform {

// True, with `response` filled, when the call was answered before.
// ValidationError: the id is too long. REQUEST_ID_REUSED: it came with another
// content.
absl::StatusOr<bool> AnswerAgain(const ReadContext& context,
                                 const std::string& request_id,
                                 const google::protobuf::Message& request,
                                 google::protobuf::Message* response);

absl::Status KeepAnswer(WriteContext& context, const std::string& request_id,
                        const google::protobuf::Message& request,
                        const google::protobuf::Message& response);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_REQUEST_IDS_H_
