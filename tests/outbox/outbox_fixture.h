#ifndef CHATGATE_TESTS_OUTBOX_OUTBOX_FIXTURE_H_
#define CHATGATE_TESTS_OUTBOX_OUTBOX_FIXTURE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/outbox/outbox.h"
#include "server/store/store.h"
#include "tests/outbox/fake_poster.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace chatgate {

inline constexpr uint64_t kApp = 7;

// A message of the embedded platform.
v1::Event MessageEvent(uint64_t conversation, uint64_t part,
                       const std::string& body = "hello");
// A user event of the embedded platform.
v1::Event UserEventNamed(const std::string& name, uint64_t event_id);

// An outbox over a store in a fresh folder, with a clock that stands still and
// a poster that answers as told. Not started until Start.
class OutboxFixture : public ::testing::Test {
 protected:
  OutboxFixture() : app_{kApp, "token", {}} { AddTarget("a.example"); }
  ~OutboxFixture() override { Crash(); }

  v1::WebhookTarget& AddTarget(const std::string& host);

  void Open(const std::string& file = "chatgate.db");
  void Start();
  // Ends without a word; Open again is the restart.
  void Crash();

  void Append(const v1::Event& event);
  void Append(const std::vector<v1::Event>& events);

  v1::ListWebhookTargetsResponse Targets();
  // The only target, or the one at `index`.
  v1::WebhookTargetStatus Target(int index = 0);
  std::vector<v1::WebhookDelivery> Deliveries();
  // Waits until what is known of the target is as wanted.
  void WaitForTarget(
      const std::function<bool(const v1::WebhookTargetStatus&)>& wanted,
      int index = 0);
  void WaitForFailures(int64_t attempts);
  void WaitUntilNothingIsPending(int index = 0);
  void Advance(absl::Duration by);

  absl::StatusOr<int64_t> Resend(
      const v1::ResendWebhookDeliveryRequest& request,
      const WebhookOperations::AppIds& app_ids = {});

  // The bodies of the messages that were posted, in order; `host` empty: all.
  std::vector<std::string> PostedBodies(const std::string& host = "");

  TempDir dir_;
  FakeClock clock_;
  OutboxApp app_;
  OutboxOptions options_;
  std::unique_ptr<FakePoster> poster_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Outbox> outbox_;
};

// Starts a call of the operations, and waits for its end.
absl::Status WaitForDone(
    const std::function<void(WebhookOperations::Done)>& start);

// The text of the message in a form.
std::string BodyIn(const std::string& form);

}  // namespace chatgate

#endif  // CHATGATE_TESTS_OUTBOX_OUTBOX_FIXTURE_H_
