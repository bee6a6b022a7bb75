#ifndef CHATGATE_SERVER_PLATFORM_DEMO_H_
#define CHATGATE_SERVER_PLATFORM_DEMO_H_

#include <cstdint>

#include "absl/status/status.h"
#include "server/backend/backend.h"

namespace chatgate {

// Gives an empty app something to look at: one lead with a name, and one open
// conversation with a greeting and its answer. Made by ordinary calls that
// carry request_ids, so that it happens once, however often it is asked for; an
// app that has leads of its own is left alone. Waits: never from a gRPC
// callback or a thread of the store.
absl::Status FillDemoApp(Backend& backend, uint64_t app_id);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_PLATFORM_DEMO_H_
