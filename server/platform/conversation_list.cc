#include "server/platform/conversation_list.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/backend/arguments.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/platform/arguments.h"
#include "server/platform/conversation_row.h"
#include "server/platform/conversation_view.h"
#include "server/platform/methods.h"
#include "server/platform/page_token.h"
#include "server/platform/user_row.h"

namespace chatgate::platform {

namespace {

// Columns of ReadListed.
constexpr char kColumns[] =
    "SELECT c.row, c.last_update, c.id FROM platform_conversations c ";
constexpr char kAfter[] =
    "AND (c.last_update, c.row) < (?, ?)"
    " ORDER BY c.last_update DESC, c.row DESC LIMIT ?";

constexpr ListWalk kEveryWalk[] = {
    ListWalk::kAll,    ListWalk::kHeld, ListWalk::kClosed, ListWalk::kAssignee,
    ListWalk::kNobody, ListWalk::kTag,  ListWalk::kUser};

// What a walk has passed over.
struct Listed {
  PagePosition position;
  uint64_t id = 0;
};

// The arguments of ListConversations that select.
class Selection {
 public:
  Selection(const ReadContext& context,
            const v1::ListConversationsRequest& request)
      : context_(context),
        request_(request),
        unassigned_(request.include_not_assigned()) {}

  ListWalk walk() const {
    if (request_.tags_size() > 0) return ListWalk::kTag;
    if (request_.has_assigned()) {
      if (request_.assigned() != 0) return ListWalk::kAssignee;
      // 0 without `include_not_assigned` is none of the documented values, and
      // is read as absent.
      if (unassigned_) return ListWalk::kNobody;
    }
    if (!unassigned_) return ListWalk::kHeld;
    return request_.has_closed() ? ListWalk::kClosed : ListWalk::kAll;
  }

  // Binds what comes before the position; returns the next index.
  int Bind(Statement& select) const {
    select.Bind(0, context_.app.sql_id());
    switch (walk()) {
      case ListWalk::kTag:
        select.Bind(1, request_.tags(0));
        return 2;
      case ListWalk::kAssignee:
        select.Bind(1, IdToSql(request_.assigned()));
        return 2;
      case ListWalk::kClosed:
        select.Bind(1, int64_t{request_.closed()});
        return 2;
      default:
        return 1;
    }
  }

  // What the walk alone does not tell.
  bool Matches(const ConversationRow& conversation) const {
    const v1::Conversation& state = conversation.state;
    if (!conversation.listed) return false;
    if (request_.has_closed() && state.closed() != request_.closed())
      return false;
    if (request_.has_channel() &&
        state.channel().id() != request_.channel()) {  // 0: of none.
      return false;
    }
    if (!MatchesAssignee(state)) return false;
    return std::all_of(request_.tags().begin(), request_.tags().end(),
                       [&state](const std::string& tag) {
                         return std::find(state.tags().begin(),
                                          state.tags().end(),
                                          tag) != state.tags().end();
                       });
  }

 private:
  bool MatchesAssignee(const v1::Conversation& state) const {
    if (request_.assigned() != 0) {
      return state.has_assignee() &&
             state.assignee().id() == request_.assigned();
    }
    if (request_.has_assigned() && unassigned_) return !state.has_assignee();
    return unassigned_ || state.has_assignee();
  }

  const ReadContext& context_;
  const v1::ListConversationsRequest& request_;
  const bool unassigned_;
};

// The rows that a walk gives next, at most `rows`.
absl::StatusOr<std::vector<Listed>> ReadListed(Statement& select, int index,
                                               const PagePosition& start,
                                               int64_t rows) {
  select.Bind(index, start.last_update);
  select.Bind(index + 1, start.row);
  select.Bind(index + 2, rows);
  std::vector<Listed> listed;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return listed;
    listed.push_back(
        {{select.Int(1), select.Int(0)}, IdFromSql(select.Int(2))});
  }
}

}  // namespace

std::string ListSql(ListWalk walk) {
  switch (walk) {
    case ListWalk::kHeld:
      return absl::StrCat(kColumns,
                          "INDEXED BY platform_conversations_held WHERE "
                          "c.app = ? AND c.listed = 1 AND c.assignee IS NOT "
                          "NULL ",
                          kAfter);
    case ListWalk::kClosed:
      return absl::StrCat(kColumns,
                          "INDEXED BY platform_conversations_closed WHERE "
                          "c.app = ? AND c.closed = ? AND c.listed = 1 ",
                          kAfter);
    case ListWalk::kAssignee:
      return absl::StrCat(kColumns,
                          "INDEXED BY platform_conversations_assignee WHERE "
                          "c.app = ? AND c.assignee = ? AND c.listed = 1 ",
                          kAfter);
    case ListWalk::kNobody:
      return absl::StrCat(kColumns,
                          "INDEXED BY platform_conversations_assignee WHERE "
                          "c.app = ? AND c.assignee IS NULL AND c.listed = 1 ",
                          kAfter);
    case ListWalk::kTag:
      return "SELECT t.conversation, t.last_update, c.id FROM platform_tags t"
             " CROSS JOIN platform_conversations c ON c.row = t.conversation"
             " WHERE t.app = ? AND t.tag = ?"
             " AND (t.last_update, t.conversation) < (?, ?)"
             " ORDER BY t.last_update DESC, t.conversation DESC LIMIT ?";
    case ListWalk::kUser:
      return absl::StrCat(kColumns,
                          "INDEXED BY platform_conversations_user WHERE "
                          "c.user = ? ",
                          kAfter);
    case ListWalk::kAll:
      break;
  }
  return absl::StrCat(kColumns,
                      "INDEXED BY platform_conversations_all WHERE "
                      "c.app = ? AND c.listed = 1 ",
                      kAfter);
}

std::vector<std::string> EveryListSql() {
  std::vector<std::string> every;
  for (const ListWalk walk : kEveryWalk) every.push_back(ListSql(walk));
  return every;
}

absl::Status ListConversations(const ReadContext& context,
                               const v1::ListConversationsRequest& request,
                               v1::ListConversationsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(
      PagePosition position,
      ReadPageToken(PagedList::kConversations, request.page_token()));
  if (request.tags_size() > static_cast<int>(context.limits.tags_max))
    return InvalidField("tags", "are too many");
  for (int i = 0; i < request.tags_size(); ++i) {
    const std::string field = absl::StrCat("tags[", i, "]");
    if (request.tags(i).empty()) return InvalidField(field, "is empty");
    RETURN_IF_ERROR(
        CheckText(field, request.tags(i), 1, context.limits.name_chars_max));
  }

  const Selection selection(context, request);
  const std::string sql = ListSql(selection.walk());
  size_t examined = 0;
  size_t bytes = 0;
  while (true) {
    std::vector<Listed> rows;
    {
      ASSIGN_OR_RETURN(Statement select, context.Prepare(sql));
      const int index = selection.Bind(select);
      ASSIGN_OR_RETURN(rows,
                       ReadListed(select, index, position, page_size + 1));
    }
    for (const Listed& row : rows) {
      const bool full = response->conversations_size() == page_size ||
                        bytes >= context.limits.page_bytes_max ||
                        examined == context.limits.rows_examined_max;
      // A page that ends here may be short where few conversations match; its
      // token says that there is more.
      if (full) {
        response->set_next_page_token(
            MakePageToken(PagedList::kConversations, position));
        return absl::OkStatus();
      }
      ++examined;
      position = row.position;
      ASSIGN_OR_RETURN(const ConversationRow conversation,
                       FindConversation(context, row.id));
      if (!selection.Matches(conversation)) continue;
      ASSIGN_OR_RETURN(*response->add_conversations(),
                       ViewConversationAndUser(context, conversation));
      bytes += response->conversations().rbegin()->ByteSizeLong();
    }
    if (rows.size() <= static_cast<size_t>(page_size)) return absl::OkStatus();
  }
}

absl::Status ListUserConversations(
    const ReadContext& context, const v1::ListUserConversationsRequest& request,
    v1::ListUserConversationsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(
      PagePosition position,
      ReadPageToken(PagedList::kUserConversations, request.page_token()));
  ASSIGN_OR_RETURN(const UserRow user,
                   FindUser(context, request.user_id(), false));
  std::vector<Listed> rows;
  {
    const std::string sql = ListSql(ListWalk::kUser);
    ASSIGN_OR_RETURN(Statement select, context.Prepare(sql));
    select.Bind(0, user.row);
    ASSIGN_OR_RETURN(rows, ReadListed(select, 1, position, page_size + 1));
  }
  size_t bytes = 0;
  for (const Listed& row : rows) {
    if (response->conversations_size() == page_size ||
        bytes >= context.limits.page_bytes_max) {
      response->set_next_page_token(
          MakePageToken(PagedList::kUserConversations, position));
      return absl::OkStatus();
    }
    position = row.position;
    ASSIGN_OR_RETURN(const ConversationRow conversation,
                     FindConversation(context, row.id));
    ASSIGN_OR_RETURN(*response->add_conversations(),
                     ViewConversation(context, conversation));
    bytes += response->conversations().rbegin()->ByteSizeLong();
  }
  return absl::OkStatus();
}

}  // namespace chatgate::platform
