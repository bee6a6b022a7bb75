#ifndef CHATGATE_SERVER_BACKEND_BACKEND_H_
#define CHATGATE_SERVER_BACKEND_BACKEND_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

namespace chatgate {

// How a call was served, for who made it.
struct CallReport {
  int cost = 0;             // Requests of the platform's budget.
  absl::Duration queued;    // Waited for the budget.
  std::string served_from;  // `upstream`, `cache` or `coalesced`; empty: here.
  absl::Time as_of = absl::InfinitePast();  // Of what came from a cache.
};

// Who calls, and how long they wait.
struct CallContext {
  uint64_t app_id =
      0;               // Never 0: the caller of the backend has chosen the app.
  std::string caller;  // Name of the caller in the configuration.
  absl::Time deadline = absl::InfiniteFuture();
  // Filled before `done` is called, and lives until then. May be null.
  CallReport* report = nullptr;
  // Where set: a backend that has the answer as bytes may put them here, before
  // it calls `done`, and leave the response empty. Lives as long as `report`.
  std::shared_ptr<const std::string>* answer_bytes = nullptr;
};

// What a chat platform can do: the twenty methods, without HTTP. The method is
// told by the request's message type (see MethodTable); `response` has the type
// that goes with it.
//
// Threads: Call may be called from any thread, hands over at once and never
// blocks.
//          `done` is called exactly once, from another thread or, for a call
//          answered at once, from the calling one; it must not block. `request`
//          and `response` live until then.
// Errors:  statuses made by error_table.h, with their details as payloads.
class Backend {
 public:
  using Done = std::function<void(absl::Status)>;

  virtual ~Backend() = default;
  virtual void Call(const CallContext& context,
                    const google::protobuf::Message& request,
                    google::protobuf::Message* response, Done done) = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BACKEND_BACKEND_H_
