#ifndef CHATGATE_SERVER_WEB_API_LOST_REACH_H_
#define CHATGATE_SERVER_WEB_API_LOST_REACH_H_

#include <cstdint>

#include "absl/time/time.h"
#include "chatgate/v1/chat_service.pb.h"
#include "server/web_api/lost_answer.h"
#include "server/web_api/platform_clock.h"

// How far back it is looked for a change whose answer was lost.
namespace chatgate {

inline constexpr int kPartsRead = 50;          // A page.
inline constexpr int kConversationsRead = 50;  // All that is read of them.
// A change is looked for behind so many newer parts; what is further back is
// unclear, and costs no more requests.
inline constexpr int kPartsPagesMax = 5;

inline bool IsOfTime(const LostSend& lost, int64_t created) {
  return absl::FromUnixSeconds(created) >= lost.sent_at() - kClockSkewMax;
}

// Whether the pages behind this one may have the change: lists have the newest
// first.
inline bool MayGoOn(const LostSend& lost,
                    const v1::ListConversationPartsResponse& page) {
  if (page.next_page_token().empty()) return false;
  if (page.parts().empty()) return true;
  const int64_t oldest = page.parts().rbegin()->created();
  return oldest == 0 || IsOfTime(lost, oldest);
}

// Conversations come by their last change.
inline bool MayGoOn(const LostSend& lost,
                    const v1::ListUserConversationsResponse& page) {
  if (page.next_page_token().empty()) return false;
  if (page.conversations().empty()) return true;
  const int64_t oldest = page.conversations().rbegin()->last_update();
  return oldest == 0 || IsOfTime(lost, oldest);
}

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_LOST_REACH_H_
