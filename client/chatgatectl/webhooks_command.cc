#include "client/chatgatectl/webhooks_command.h"

#include <cstdint>
#include <iostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "chatgate/v1/operations.pb.h"
#include "client/printable.h"
#include "google/protobuf/util/time_util.h"

namespace chatgate {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int kPage = 1000;

ExitCode List(ChatClient& client, uint64_t app_id, const CallOptions& options) {
  v1::ListWebhookTargetsRequest request;
  request.set_app_id(app_id);
  v1::ListWebhookTargetsResponse response;
  const absl::Status status =
      client.Call("ListWebhookTargets", request, &response, options);
  if (!status.ok()) return Fail(status);
  if (response.targets().empty()) {
    std::cerr << "no app of the caller's has targets: `webhooks` in the "
                 "configuration\n";
  }
  for (const v1::WebhookTargetStatus& target : response.targets()) {
    std::cout << target.id() << " app=" << target.app_id()
              << " url=" << target.url() << " pending=" << target.pending()
              << " failed=" << target.failed()
              << " delivered=" << target.delivered()
              << " dropped=" << target.dropped();
    if (!target.configured()) std::cout << " (not configured any more)";
    if (!target.last_error().empty()) {
      std::cout << " last_error=\"" << Printable(target.last_error())
                << "\" at " << TimeUtil::ToString(target.last_error_time());
    }
    std::cout << "\n";
  }
  return kExitOk;
}

absl::string_view StateName(v1::WebhookDeliveryState state) {
  return state == v1::WEBHOOK_DELIVERY_STATE_FAILED ? "failed" : "pending";
}

ExitCode Deliveries(ChatClient& client, uint64_t target,
                    const CallOptions& options) {
  v1::ListWebhookDeliveriesRequest request;
  request.set_target_id(target);
  request.set_page_size(kPage);
  while (true) {
    v1::ListWebhookDeliveriesResponse response;
    const absl::Status status =
        client.Call("ListWebhookDeliveries", request, &response, options);
    if (!status.ok()) return Fail(status);
    for (const v1::WebhookDelivery& delivery : response.deliveries()) {
      std::cout << delivery.id() << " target=" << delivery.target_id() << " "
                << StateName(delivery.state()) << " " << delivery.lane()
                << " subject=" << delivery.subject_id()
                << " attempts=" << delivery.attempts()
                << " since=" << TimeUtil::ToString(delivery.create_time());
      if (!delivery.last_error().empty()) {
        std::cout << " last_error=\"" << Printable(delivery.last_error())
                  << "\"";
      }
      std::cout << "\n";
    }
    if (response.next_page_token().empty()) return kExitOk;
    request.set_page_token(response.next_page_token());
  }
}

ExitCode Resend(ChatClient& client, uint64_t target,
                const CallOptions& options) {
  v1::ResendWebhookDeliveryRequest request;
  request.set_target_id(target);
  v1::ResendWebhookDeliveryResponse response;
  const absl::Status status =
      client.Call("ResendWebhookDelivery", request, &response, options);
  if (!status.ok()) return Fail(status);
  std::cout << response.resent() << " deliveries wait again\n";
  return kExitOk;
}

}  // namespace

ExitCode RunWebhooks(ChatClient& client,
                     const std::vector<std::string>& arguments,
                     const std::vector<std::string>& apps,
                     const CallOptions& options) {
  const std::string command = arguments.empty() ? "" : arguments[0];
  uint64_t target = 0;
  if (arguments.size() > 1 && !absl::SimpleAtoi(arguments[1], &target)) {
    return FailUsage(absl::InvalidArgumentError(absl::StrCat(
        "TARGET is a number that `webhooks list` shows, not ", arguments[1])));
  }
  uint64_t app_id = 0;
  if (!apps.empty() && (command != "list" || apps.size() > 1 ||
                        !absl::SimpleAtoi(apps[0], &app_id))) {
    return FailUsage(absl::InvalidArgumentError(
        "`webhooks list` alone takes --app_id, of one app, such as 777"));
  }
  if (command == "list" && arguments.size() == 1) {
    return List(client, app_id, options);
  }
  if (command == "deliveries" && arguments.size() <= 2) {
    return Deliveries(client, target, options);
  }
  if (command == "resend" && arguments.size() == 2 && target != 0) {
    return Resend(client, target, options);
  }
  return FailUsage(absl::InvalidArgumentError(
      "say `webhooks list`, `webhooks deliveries [TARGET]` or `webhooks "
      "resend TARGET`"));
}

}  // namespace chatgate
