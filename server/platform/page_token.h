#ifndef CHATGATE_SERVER_PLATFORM_PAGE_TOKEN_H_
#define CHATGATE_SERVER_PLATFORM_PAGE_TOKEN_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Where a page ends. Clients see it as opaque text; for those of the REST form
// it is a number, as the Web API has it.
//
//   parts, events   the row: `7936756`
//   conversations   seconds, microseconds and 13 digits of the row:
//                   `1454408108.3030300000000009334`
//
// The row makes a token exact for who keeps the text. Who reads a double still
// has the exact microsecond, which no two changes share (ChangeClock). What
// cannot be the other kind's number is refused as another list's token.
namespace chatgate::platform {

enum class PagedList : uint8_t {
  kConversations = 1,
  kParts = 2,
  kUserEvents = 3,
  kUserConversations = 4,
};

// The last row that was examined. The next page begins after it.
struct PagePosition {
  int64_t last_update = 0;  // Microseconds; 0 in lists not ordered by it.
  int64_t row = 0;
};

std::string MakePageToken(PagedList list, const PagePosition& position);

// The position before the first row for an empty token. ValidationError: the
// token cannot be read, or belongs to another kind of list.
absl::StatusOr<PagePosition> ReadPageToken(PagedList list,
                                           absl::string_view token);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_PAGE_TOKEN_H_
