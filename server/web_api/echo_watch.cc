#include "server/web_api/echo_watch.h"

#include <vector>

#include "server/base/status_macros.h"
#include "server/web_api/request_memory.h"

namespace chatgate {

std::shared_ptr<void> EchoWatch::Watch(uint64_t app_id, uint32_t random_id,
                                       Told told) {
  const auto entry = std::make_shared<Told>(std::move(told));
  std::multimap<std::pair<uint64_t, uint32_t>, std::shared_ptr<Told>>::iterator
      place;
  {
    MutexLock lock(calls_->mu);
    place = calls_->waiting.emplace(std::make_pair(app_id, random_id), entry);
  }
  return std::shared_ptr<void>(entry.get(),
                               [calls = calls_, place, entry](void*) {
                                 MutexLock lock(calls->mu);
                                 calls->waiting.erase(place);
                               });
}

absl::Status EchoWatch::OnAppend(Transaction& transaction,
                                 const v1::Event& event) {
  if (event.source() != v1::EVENT_SOURCE_DASHLY ||
      !event.has_dashly_conversation() || !app_ids_.contains(event.app_id())) {
    return absl::OkStatus();
  }
  const v1::ConversationPart& part = event.dashly_conversation().conversation();
  if (part.random_id() == 0 || part.id() == 0) return absl::OkStatus();
  RETURN_IF_ERROR(RequestMemory::TakeEcho(transaction, event.app_id(), part));
  transaction.OnCommit([calls = calls_, app_id = event.app_id(), part] {
    Tell(*calls, app_id, part);
  });
  return absl::OkStatus();
}

void EchoWatch::Tell(Calls& calls, uint64_t app_id,
                     const v1::ConversationPart& part) {
  std::vector<std::shared_ptr<Told>> told;
  {
    MutexLock lock(calls.mu);
    const auto [begin, end] =
        calls.waiting.equal_range(std::make_pair(app_id, part.random_id()));
    for (auto at = begin; at != end; ++at) told.push_back(at->second);
  }
  // Of two with one number nobody could say whose it is.
  if (told.size() == 1) (*told[0])(part);
}

}  // namespace chatgate
