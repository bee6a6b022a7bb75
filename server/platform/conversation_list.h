#ifndef CHATGATE_SERVER_PLATFORM_CONVERSATION_LIST_H_
#define CHATGATE_SERVER_PLATFORM_CONVERSATION_LIST_H_

#include <string>
#include <vector>

namespace chatgate::platform {

// Which index a list of conversations walks. Every list is a walk along one
// index in the order (last_update, row), from where the page before ended, so
// that a page costs the same however deep it is.
enum class ListWalk {
  kAll,       // Every listed conversation of the app.
  kHeld,      // Those that somebody holds.
  kClosed,    // Those that are closed, or those that are open.
  kAssignee,  // Those of one admin.
  kNobody,    // Those that nobody holds.
  kTag,       // Those with a tag.
  kUser,      // Those of a lead, listed or not.
};

// Parameters, in this order: the app, or the user for kUser; the value walked
// along, for kClosed, kAssignee and kTag; then last_update and row of the
// position, and how many rows.
std::string ListSql(ListWalk walk);

// All of them, for the test of query plans.
std::vector<std::string> EveryListSql();

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_CONVERSATION_LIST_H_
