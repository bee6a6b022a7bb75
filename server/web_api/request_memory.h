#ifndef CHATGATE_SERVER_WEB_API_REQUEST_MEMORY_H_
#define CHATGATE_SERVER_WEB_API_REQUEST_MEMORY_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chatgate/v1/resources.pb.h"
#include "server/base/clock.h"
#include "server/store/store.h"

namespace chatgate {

// The table of RequestMemory.
Schema RequestMemorySchema();

// A change that its caller named.
struct RequestKey {
  uint64_t app_id = 0;
  std::string method;
  std::string request_id;
};

// What goes with it.
struct NotedRequest {
  RequestKey key;
  std::string fingerprint;    // Of its content.
  uint32_t random_id = 0;     // That its part will carry; 0: none.
  uint64_t conversation = 0;  // That its part will be in; 0: a new one.
  // When it is sent, by the platform's clock; none where that is not known.
  std::optional<absl::Time> sent_there;
};

// RequestMemory knows for 24 hours what became of changes that carry a
// `request_id`, so that a repeated one gets the first answer, also after a
// restart. What is about to be sent is written down before, so that a crash in
// between leaves a question rather than a second change.
//
// Threads:    any; nothing blocks. `done` is called from a thread of the store,
//             or for a call refused at once from the calling one.
// Durability: whatever is OK is on stable storage.
// Errors:     STORAGE_REFUSES_WRITES, OVERLOADED.
class RequestMemory {
 public:
  static constexpr absl::Duration kKept = absl::Hours(24);

  struct Known {
    enum State {
      kNew,       // Not heard of.
      kUnknown,   // Sent, perhaps; nobody knows what became of it.
      kAbsent,    // It was looked for, and had not happened.
      kAnswered,  // `response` is the answer.
    };
    State state = kNew;
    absl::Time sent_at;  // Our time of day.
    std::optional<absl::Time> sent_there;
    uint32_t random_id = 0;  // As it was noted.
    std::string response;
  };
  using Done = std::function<void(absl::Status)>;

  // `store` and `clock` outlive it and everything under way.
  RequestMemory(Store& store, const Clock& clock)
      : store_(store), clock_(clock) {}

  // REQUEST_ID_REUSED: the id came with another content.
  void Look(const NotedRequest& request,
            std::function<void(absl::StatusOr<Known>)> done);
  // It is about to be sent, perhaps again.
  void NoteSending(const NotedRequest& request, Done done);
  void NoteAbsent(const RequestKey& key, Done done);
  void KeepAnswer(const NotedRequest& request, std::string response, Done done);
  // It failed, so it may be tried anew.
  void Forget(const RequestKey& key, Done done);

  // Inside somebody's transaction: the platform tells of a part. Where it is
  // the echo of exactly one request whose outcome is unknown, that one is
  // answered.
  static absl::Status TakeEcho(Transaction& transaction, uint64_t app_id,
                               const v1::ConversationPart& part);

 private:
  Store& store_;
  const Clock& clock_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_REQUEST_MEMORY_H_
