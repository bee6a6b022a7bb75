#include <limits>
#include <utility>

#include "server/backend/arguments.h"
#include "server/base/status_macros.h"
#include "server/platform/arguments.h"
#include "server/platform/conversation_row.h"
#include "server/platform/conversation_view.h"
#include "server/platform/methods.h"
#include "server/platform/page_token.h"
#include "server/platform/sql.h"

namespace chatgate::platform {

absl::Status GetConversation(const ReadContext& context,
                             const v1::GetConversationRequest& request,
                             v1::GetConversationResponse* response) {
  ASSIGN_OR_RETURN(const ConversationRow conversation,
                   FindConversation(context, request.conversation_id()));
  ASSIGN_OR_RETURN(*response->mutable_conversation(),
                   ViewConversationAndUser(context, conversation));
  return absl::OkStatus();
}

absl::Status ListConversationParts(
    const ReadContext& context, const v1::ListConversationPartsRequest& request,
    v1::ListConversationPartsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const PagePosition start,
                   ReadPageToken(PagedList::kParts, request.page_token()));
  ASSIGN_OR_RETURN(const ConversationRow conversation,
                   FindConversation(context, request.conversation_id()));

  ASSIGN_OR_RETURN(Statement select, context.Prepare(kListParts));
  select.Bind(0, conversation.row);
  select.Bind(1, start.row);
  select.Bind(2, int64_t{page_size} + 1);  // One more tells of a next page.
  size_t bytes = 0;
  PagePosition last;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return absl::OkStatus();
    bytes += select.Blob(1).size();
    const bool full = response->parts_size() == page_size ||
                      bytes > context.limits.page_bytes_max;
    if (full && response->parts_size() > 0) break;
    last.row = select.Int(0);
    ASSIGN_OR_RETURN(v1::ConversationPart part,
                     ViewPart(select.Blob(1), last.row, conversation));
    *response->add_parts() = std::move(part);
  }
  response->set_next_page_token(MakePageToken(PagedList::kParts, last));
  return absl::OkStatus();
}

}  // namespace chatgate::platform
