#ifndef CHATGATE_SERVER_PLATFORM_IDS_H_
#define CHATGATE_SERVER_PLATFORM_IDS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/platform/context.h"

namespace chatgate::platform {

// An id that nothing had yet: one counter serves every app and kind.
absl::StatusOr<uint64_t> NewId(WriteContext& context);

// The same for a kind that is adopted too: an id that the app got from a
// webhook is passed over. `find_sql` finds a row by id and app.
absl::StatusOr<uint64_t> NewIdNotIn(WriteContext& context,
                                    absl::string_view find_sql);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_IDS_H_
