#include "webhook/chatlio_receiver.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "webhook/chatlio_decoder.h"
#include "webhook/secret_blanking.h"

namespace chatgate {
namespace {

constexpr absl::string_view kSource = "chatlio";

}  // namespace

void ChatlioReceiver::AddTo(RouteTable* routes) {
  routes->Add(
      "POST", "/webhooks/chatlio/{secret}/{hook}",
      [this](const HttpRequest& request) { return Receive(request); },
      [this](const Refusal& refusal) {
        counters_.CountUnread(kSource, refusal.status);
      });
}

HttpResponse ChatlioReceiver::Receive(const HttpRequest& request) const {
  const std::string& secret = request.holes[0];
  const std::optional<uint64_t> app_id = secrets_.AppOf(secret);
  if (!app_id) {
    counters_.Count(kSource, "unknown", "unauthorized");
    return ErrorResponse(401, "the secret in the path is wrong");
  }
  const std::optional<ChatlioHook> hook = ChatlioHookNamed(request.holes[1]);
  if (!hook) {
    counters_.Count(kSource, "unknown", "unknown_hook");
    return ErrorResponse(404, "there is no such hook");
  }
  NewEvent event = DecodeChatlio(
      *app_id, *hook, BlankSecret(request.Header("Content-Type"), secret),
      BlankSecret(request.body, secret));
  return intake_.Store(kSource, NameOf(*hook), std::move(event));
}

}  // namespace chatgate
