#include "server/platform/sql.h"

#include "server/platform/conversation_list.h"

namespace chatgate::platform {

std::vector<std::string> EveryStatement() {
  std::vector<std::string> every = EveryListSql();
  for (const char* sql : {kNextId,
                          kFindUserByRow,
                          kFindUserById,
                          kFindUserBySiteId,
                          kListOnlineUsers,
                          kListLeads,
                          kListLeadsDescending,
                          kCountLeads,
                          kFindForeignUser,
                          kInsertUser,
                          kTouchUserReply,
                          kTouchUserContacted,
                          kSetSiteId,
                          kSetPresence,
                          kSetLead,
                          kListProps,
                          kFindProp,
                          kSumProps,
                          kSetProp,
                          kDeleteProp,
                          kFindConversation,
                          kFindForeignConversation,
                          kInsertConversation,
                          kSaveConversation,
                          kCountChannel,
                          kInsertTag,
                          kDeleteTags,
                          kInsertPart,
                          kUpdatePart,
                          kFindPart,
                          kFindPartById,
                          kListParts,
                          kFindEventType,
                          kFindEventTypeByRow,
                          kCountEventTypes,
                          kInsertEventType,
                          kInsertEvent,
                          kListEvents,
                          kListEventsOfType,
                          kCountEvent,
                          kListEventCounts,
                          kLastUserEvent,
                          kLastPart,
                          kLastConversation,
                          kLastUser,
                          kExportUsers,
                          kExportConversations,
                          kExportParts,
                          kExportUserEvents,
                          kImportUser,
                          kFindEventById,
                          kRaiseIds,
                          kFindRequest,
                          kInsertRequest}) {
    every.emplace_back(sql);
  }
  return every;
}

}  // namespace chatgate::platform
