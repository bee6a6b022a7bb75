#ifndef CHATGATE_CLIENT_CHATGATECTL_TAIL_COMMAND_H_
#define CHATGATE_CLIENT_CHATGATECTL_TAIL_COMMAND_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/chat_client.h"
#include "client/chatgatectl/exit_code.h"

namespace chatgate {

struct TailOptions {
  // `latest`, `earliest`, an RFC 3339 time, or a cursor.
  std::string from = "latest";
  // JSON lines instead of lines for people.
  bool json = false;
  // Also the stored bodies; with `json`.
  bool raw = false;
  // Ends after so many events; 0: never.
  int64_t count = 0;
  // The filter's lists; kinds such as `dashly_conversation`.
  std::vector<std::string> kinds, conversations, user_ids, directions,
      part_types, app_ids;
};

// The request that `options` describe. INVALID_ARGUMENT names what is wrong.
absl::StatusOr<v1::SubscribeRequest> TailRequest(const TailOptions& options);

// `tail`: writes events as they happen, until `count` of them were written or
// the program is interrupted; goes on over lost connections. At the end says on
// standard error how to go on behind what standard output has taken.
ExitCode RunTail(ChatClient& client, const TailOptions& options);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_CHATGATECTL_TAIL_COMMAND_H_
