#include "webhook/dashly_receiver.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "webhook/dashly_decoder.h"
#include "webhook/form_body.h"
#include "webhook/secret_blanking.h"

namespace chatgate {
namespace {

constexpr absl::string_view kSource = "dashly";
// At least.
constexpr size_t kTokenBytesUsual = 8;

// A word for the counter.
absl::string_view HookOf(const v1::Event& event) {
  switch (event.payload_case()) {
    case v1::Event::kDashlyConversation:
      return "conversation";
    case v1::Event::kDashlyEvent:
      return "event";
    case v1::Event::kDashlyMessageWebhook:
      return "message_webhook";
    default:
      return "unknown";
  }
}

// The one value of all fields `token`; nullopt when there is none, or two that
// differ, of which nobody could say which one the sender means.
std::optional<std::string> TokenOf(const FormFields& fields) {
  std::optional<std::string> token;
  for (const auto& [name, value] : fields) {
    if (name != "token") continue;
    if (token && *token != value) return std::nullopt;
    token = value;
  }
  return token;
}

}  // namespace

void DashlyReceiver::AddTo(RouteTable* routes) {
  routes->Add(
      "POST", "/webhooks/dashly",
      [this](const HttpRequest& request) { return Receive(request); },
      [this](const Refusal& refusal) {
        counters_.CountUnread(kSource, refusal.status);
      });
}

HttpResponse DashlyReceiver::Receive(const HttpRequest& request) const {
  const absl::string_view content_type = request.Header("Content-Type");
  const absl::StatusOr<FormFields> fields =
      ReadFormBody(content_type, request.body);
  if (!fields.ok()) {
    counters_.Count(kSource, "unknown", "unreadable");
    return ErrorResponse(400, fields.status().message());
  }
  const std::optional<std::string> token = TokenOf(*fields);
  const std::optional<uint64_t> app_id = tokens_.AppOf(token.value_or(""));
  if (!app_id) {
    counters_.Count(kSource, "unknown", "unauthorized");
    return ErrorResponse(401, "the field token is missing or wrong");
  }
  const std::string type = BlankSecret(content_type, *token);
  BlankedText body = FindAndBlankSecret(request.body, *token);
  // A token so short stands in ids and words by chance: what they say goes
  // before, and it is blanked in what is kept as received alone.
  const bool stands_by_chance = token->size() < kTokenBytesUsual;
  // Where the token is the value of `token` alone, the fields are known.
  NewEvent event =
      stands_by_chance || (body.at_one_place && type == content_type)
          ? DecodeDashly(*app_id, content_type, std::move(body.text), *fields)
          : DecodeDashly(*app_id, type, std::move(body.text));
  const absl::string_view hook = HookOf(event.event);
  return intake_.Store(kSource, hook, std::move(event));
}

}  // namespace chatgate
