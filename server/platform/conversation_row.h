#ifndef CHATGATE_SERVER_PLATFORM_CONVERSATION_ROW_H_
#define CHATGATE_SERVER_PLATFORM_CONVERSATION_ROW_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chatgate/v1/resources.pb.h"
#include "server/platform/context.h"

namespace chatgate::platform {

// A conversation as stored: what SQL asks for in columns, the rest in `state`.
struct ConversationRow {
  int64_t row = 0;
  int64_t user = 0;         // Row of the lead; 0 where the lead is not known.
  uint64_t lead_id = 0;     // User.id of the lead.
  int64_t last_update = 0;  // Microseconds.
  bool listed = false;      // Shown in the inbox.
  int64_t read_row = 0;     // The lead has read parts up to this row.
  int64_t part_last = 0;    // Rows of parts; 0 for none.
  int64_t reply_last = 0;
  uint64_t part_group = 0;  // 0: the next part begins a new one.
  int64_t adopted = 0;      // `created` of the newest adopted part, seconds.
  // Without `user`, `part_last`, `reply_last` and the times and counts that the
  // columns give.
  v1::Conversation state;
};

// By id. ValidationError for 0. LookupError: unknown. PermissionDeniedError: an
// id of another app.
absl::StatusOr<ConversationRow> FindConversation(const ReadContext& context,
                                                 uint64_t id);

// Empty where the app has none of that id.
absl::StatusOr<std::optional<ConversationRow>> FindConversationIfKnown(
    const ReadContext& context, uint64_t id);

// A conversation of nobody, without parts, of which only id and times are set.
// Saved by the first SaveConversation.
absl::StatusOr<ConversationRow> CreateConversation(WriteContext& context,
                                                   uint64_t id,
                                                   int64_t user_row,
                                                   uint64_t lead_id);

// Writes everything, the index of tags included.
absl::Status SaveConversation(WriteContext& context,
                              const ConversationRow& conversation);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_CONVERSATION_ROW_H_
