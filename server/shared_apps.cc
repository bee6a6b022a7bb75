#include "server/shared_apps.h"

#include <string>

#include "chatgate/v1/chat_service.pb.h"
#include "server/base/clock.h"
#include "server/base/status_macros.h"
#include "server/base/steady_clock.h"
#include "server/budget/fair_budget.h"

namespace chatgate {

absl::StatusOr<std::unique_ptr<SharedApps>> SharedApps::Create(
    const std::set<uint64_t>& app_ids, const UpstreamApps& upstream,
    SqliteEventLog& log) {
  ASSIGN_OR_RETURN(
      MethodTable methods,
      MethodTable::Build(
          *v1::GetConversationRequest::descriptor()->file()->FindServiceByName(
              "ChatService")));
  auto shared = std::unique_ptr<SharedApps>(new SharedApps(std::move(methods)));
  for (const uint64_t app_id : app_ids) {
    CallSharingOptions options;
    FairBudget* const budget = upstream.budgets().at(app_id);
    options.on_saved = [budget](uint64_t, const std::string& caller,
                                const std::string& method) {
      budget->RecordSaved(caller, method);
    };
    auto& sharing = shared->apps_[app_id];
    sharing = std::make_unique<CallSharing>(*upstream.FindBackend(app_id),
                                            shared->methods_, Clock::System(),
                                            SteadyClock::System(), options);
    log.AddParticipant(*sharing);
  }
  return shared;
}

Backend* SharedApps::FindBackend(uint64_t app_id) const {
  const auto app = apps_.find(app_id);
  return app == apps_.end() ? nullptr : app->second.get();
}

}  // namespace chatgate
