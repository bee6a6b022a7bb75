#include "tests/outbox/outbox_fixture.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/json/json_reader.h"
#include "tests/outbox/form_fields.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
absl::Status WaitForDone(
    const std::function<void(WebhookOperations::Done)>& start) {
  Mutex mu;
  CondVar ended;
  bool done = false;
  absl::Status result;
  start([&](absl::Status status) {
    MutexLock lock(mu);
    result = std::move(status);
    done = true;
    ended.Signal();
  });
  MutexLock lock(mu);
  while (!done) ended.Wait(mu);
  return result;
}

v1::Event MessageEvent(uint64_t conversation, uint64_t part,
                       const std::string& body) {
  v1::Event event;
  event.set_app_id(kApp);
  event.set_source(v1::EVENT_SOURCE_EMBEDDED);
  event.set_conversation(absl::StrCat("dashly:", conversation));
  v1::ConversationPart& message =
      *event.mutable_dashly_conversation()->mutable_conversation();
  message.set_id(part);
  message.set_conversation(conversation);
  message.set_type("reply_user");
  message.set_body(body);
  return event;
}

v1::Event UserEventNamed(const std::string& name, uint64_t event_id) {
  v1::Event event;
  event.set_app_id(kApp);
  event.set_source(v1::EVENT_SOURCE_EMBEDDED);
  event.mutable_dashly_event()->set_event_name(name);
  event.mutable_dashly_event()->set_user_id(3);
  event.mutable_dashly_event()->set_event_id(event_id);
  return event;
}

std::string BodyIn(const std::string& form) {
  for (const auto& [name, value] : ReadFormFields(form)) {
    if (name != "conversation") continue;
    v1::ConversationPart part;
    EXPECT_THAT(ReadJson(value, &part), IsOk());
    return part.body();
  }
  return "";
}

v1::WebhookTarget& OutboxFixture::AddTarget(const std::string& host) {
  app_.webhooks.emplace_back().set_url(absl::StrCat("https://", host, "/hook"));
  return app_.webhooks.back();
}

void OutboxFixture::Open(const std::string& file) {
  StoreOptions store_options;
  store_options.path = dir_.File(file);
  ASSERT_OK_AND_ASSIGN(
      store_, Store::Open(store_options, {delivery_table::OutboxSchema()}));
  poster_ = std::make_unique<FakePoster>();
  ASSERT_OK_AND_ASSIGN(
      outbox_, Outbox::Create(*store_, *poster_, clock_, {app_}, options_));
}

void OutboxFixture::Start() { outbox_->Start(); }

void OutboxFixture::Crash() {
  if (outbox_ != nullptr) outbox_->Stop();
  store_.reset();  // Its last works may still ask the outbox.
  outbox_.reset();
}

void OutboxFixture::Append(const v1::Event& event) {
  Append(std::vector<v1::Event>{event});
}

void OutboxFixture::Append(const std::vector<v1::Event>& events) {
  ASSERT_THAT(store_->Write([&](Transaction& transaction) -> absl::Status {
    for (const v1::Event& event : events) {
      RETURN_IF_ERROR(outbox_->OnAppend(transaction, event));
    }
    return absl::OkStatus();
  }),
              IsOk());
}

v1::ListWebhookTargetsResponse OutboxFixture::Targets() {
  v1::ListWebhookTargetsRequest request;
  v1::ListWebhookTargetsResponse response;
  EXPECT_THAT(WaitForDone([&](auto done) {
                outbox_->operations().ListTargets({}, request, &response,
                                                  std::move(done));
              }),
              IsOk());
  return response;
}

v1::WebhookTargetStatus OutboxFixture::Target(int index) {
  const v1::ListWebhookTargetsResponse response = Targets();
  return index < response.targets_size() ? response.targets(index)
                                         : v1::WebhookTargetStatus();
}

std::vector<v1::WebhookDelivery> OutboxFixture::Deliveries() {
  v1::ListWebhookDeliveriesRequest request;
  request.set_page_size(1000);
  v1::ListWebhookDeliveriesResponse response;
  EXPECT_THAT(WaitForDone([&](auto done) {
                outbox_->operations().ListDeliveries({}, request, &response,
                                                     std::move(done));
              }),
              IsOk());
  return {response.deliveries().begin(), response.deliveries().end()};
}

void OutboxFixture::WaitForTarget(
    const std::function<bool(const v1::WebhookTargetStatus&)>& wanted,
    int index) {
  while (!wanted(Target(index))) {
    // What the workers have written is in line before this.
    ASSERT_THAT(store_->Write([](Transaction&) { return absl::OkStatus(); }),
                IsOk());
  }
}

void OutboxFixture::WaitForFailures(int64_t attempts) {
  WaitForTarget([attempts](const v1::WebhookTargetStatus& target) {
    return target.attempts_failed() >= attempts;
  });
}

void OutboxFixture::WaitUntilNothingIsPending(int index) {
  WaitForTarget([](const auto& target) { return target.pending() == 0; },
                index);
}

void OutboxFixture::Advance(absl::Duration by) {
  clock_.AdvanceTime(by);
  outbox_->WakeAll();
}

absl::StatusOr<int64_t> OutboxFixture::Resend(
    const v1::ResendWebhookDeliveryRequest& request,
    const WebhookOperations::AppIds& app_ids) {
  v1::ResendWebhookDeliveryResponse response;
  RETURN_IF_ERROR(WaitForDone([&](auto done) {
    outbox_->operations().Resend(app_ids, request, &response, std::move(done));
  }));
  return response.resent();
}

std::vector<std::string> OutboxFixture::PostedBodies(const std::string& host) {
  std::vector<std::string> bodies;
  for (const FakePoster::Posted& post : poster_->posts()) {
    if (host.empty() || post.host == host) bodies.push_back(BodyIn(post.form));
  }
  return bodies;
}

}  // namespace chatgate
