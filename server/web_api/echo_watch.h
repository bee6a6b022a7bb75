#ifndef CHATGATE_SERVER_WEB_API_ECHO_WATCH_H_
#define CHATGATE_SERVER_WEB_API_ECHO_WATCH_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "server/base/mutex.h"
#include "server/event_log/event_log.h"

namespace chatgate {

// EchoWatch looks at the webhooks of apps on a Web API for parts that calls of
// this gateway have made: such a part carries the call's `random_id`, and
// proves that the call was done, whatever became of its answer.
//
//   EchoWatch echoes({777});
//   log->AddParticipant(echoes);
//   const auto watch = echoes.Watch(777, random_id, [](const auto& part)
//   {...});
//
// Threads: any. `told` is called from the store's writer once the webhook is on
//          stable storage, and must not block.
class EchoWatch final : public AppendParticipant {
 public:
  using Told = std::function<void(const v1::ConversationPart&)>;

  explicit EchoWatch(std::set<uint64_t> app_ids)
      : app_ids_(std::move(app_ids)), calls_(std::make_shared<Calls>()) {}

  // Until the returned thing ends. A call that runs then may come late.
  std::shared_ptr<void> Watch(uint64_t app_id, uint32_t random_id, Told told);

  absl::Status OnAppend(Transaction& transaction,
                        const v1::Event& event) override;

 private:
  // Shared with watches, which may end after this.
  struct Calls {
    Mutex mu;
    std::multimap<std::pair<uint64_t, uint32_t>, std::shared_ptr<Told>> waiting
        ABSL_GUARDED_BY(mu);
  };
  static void Tell(Calls& calls, uint64_t app_id,
                   const v1::ConversationPart& part);

  const std::set<uint64_t> app_ids_;
  const std::shared_ptr<Calls> calls_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_ECHO_WATCH_H_
