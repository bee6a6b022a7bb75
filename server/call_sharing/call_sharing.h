#ifndef CHATGATE_SERVER_CALL_SHARING_CALL_SHARING_H_
#define CHATGATE_SERVER_CALL_SHARING_CALL_SHARING_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "server/backend/backend.h"
#include "server/backend/method_table.h"
#include "server/base/clock.h"
#include "server/event_log/event_log.h"

namespace chatgate {

struct CallSharingOptions {
  size_t cache_bytes_max = 64 << 20;
  // A call of an app was answered without one of the backend behind.
  std::function<void(uint64_t app_id, const std::string& caller,
                     const std::string& method)>
      on_saved;
};

// CallSharing stands before a backend whose calls are dear, and makes fewer:
//
// Equal reads under way are one call: of one app, one method and one content.
//   Nothing else decides what is answered: whoever may call for an app has the
//   same rights there. The call is nobody's: where it ends at the deadline of
//   who began it, it is made again for those that have longer, and where it is
//   refused for the share of who began it, for those of other callers.
// Reads that allow `max_staleness` are answered from what is known.
// Typing, presence and marking as read wait for the one of the same kind that
//   is under way; of those that wait only the last is sent, for all.
//
// Own writes: a read that begins after a change was answered sees it: what is
//             known of the conversation, and of more than one, is forgotten,
//             and no read from before is joined or kept. A webhook does the
//             same for its conversation.
// Bounds:     what is known is limited by bytes, the longest unused goes first;
//             what is under way, by the calls of those who wait.
// Threads:    as Backend. An answer that is known is given on the calling
//             thread.
// Lifetime:   calls under way outlive this; the backend, the table and the
//             clocks outlive them.
class CallSharing final : public Backend, public AppendParticipant {
 public:
  // `steady` is a clock that is never set (SteadyClock).
  CallSharing(Backend& backend, const MethodTable& methods, const Clock& clock,
              const Clock& steady, const CallSharingOptions& options = {});
  ~CallSharing() override;

  void Call(const CallContext& context,
            const google::protobuf::Message& request,
            google::protobuf::Message* response, Done done) override;

  // Forgets what is known of a webhook's conversation.
  absl::Status OnAppend(Transaction& transaction,
                        const v1::Event& event) override;

 private:
  struct Core;
  const std::shared_ptr<Core> core_;  // Shared with calls under way.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_CALL_SHARING_CALL_SHARING_H_
