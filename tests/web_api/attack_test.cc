// Two hundred callers, a platform that fails in every way that is known, and a
// budget with a limit that the platform counts as well: nothing is lost,
// nothing is doubled, and no 429 is caused.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/fake_upstream/fake_upstream.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/backend/error_table.h"
#include "server/budget/budget_table.h"
#include "server/budget/fair_budget.h"
#include "tests/web_api/over_rest_fixture.h"

namespace chatgate {
namespace {

using ::testing::AnyOf;

constexpr char kFaults[] =
    "delay=6:700ms,drop_before=6,drop_after=6,error_500=6,html=6,half_body=6,"
    "wrong_json=6,drip=3:5ms";
constexpr int kCallers = 200;
constexpr int kRepliesAConversation = 100;
constexpr int kLimit = 12'000;  // A minute.

// How long the callers call; what is under way then is brought to its end.
absl::Duration AttackTime() {
  const char* wanted = std::getenv("CHATGATE_ATTACK_SECONDS");
  return absl::Seconds(wanted == nullptr ? 3 : std::atoi(wanted));
}

class AttackTest : public OverRestTest {
 protected:
  AttackTest() {
    clock_.SetTime(Clock::System().Now());
    FakeUpstreamOptions fake;
    fake.to_port = static_cast<uint16_t>(server_->port());
    fake.limit_kind = LimitKind::kSlidingWindow;
    fake.requests_per_minute = kLimit;
    auto plan = FaultPlan::Parse(kFaults, /*seed=*/7);
    EXPECT_THAT(plan, IsOk());
    auto upstream = FakeUpstream::Start(fake, *std::move(plan));
    EXPECT_THAT(upstream, IsOk());
    upstream_ = *std::move(upstream);

    StoreOptions store;
    store.path = dir_.File("budget.db");
    auto opened = Store::Open(store, {budget_table::BudgetSchema()});
    EXPECT_THAT(opened, IsOk());
    budget_store_ = *std::move(opened);
    FairBudgetOptions budget;
    budget.app_id = kApp;
    budget.scheduler.limit = kLimit;
    budget.scheduler.reply_reserve = kLimit / 10;
    budget.straggler_max = kRequestMax;
    auto fair = FairBudget::Open(*budget_store_, steady_, budget);
    EXPECT_THAT(fair, IsOk());
    fair_budget_ = *std::move(fair);

    options_.breaker = {};
    options_.breaker.pause_min = absl::Milliseconds(10);
    options_.breaker.pause_max = absl::Milliseconds(200);
    options_.sender.request_max = kRequestMax;
    // A loaded machine may make the platform slow.
    options_.late_effect_max = absl::Seconds(5);
    client_ = NewClient(upstream_->port(), kToken, fair_budget_.get());
  }
  ~AttackTest() override {
    Disconnect();
    fair_budget_.reset();
  }

  void Wait(absl::Duration time) {
    std::promise<void> over;
    timer_->RunAt(absl::Now() + time, [&over] { over.set_value(); });
    over.get_future().wait();
  }

  // A caller as docs/upstream.md wants it: the same `request_id` until the
  // outcome is known.
  void ReplyOnce(uint64_t conversation, const std::string& name) {
    v1::ReplyToConversationRequest request;
    request.set_conversation_id(conversation);
    request.set_body(name);
    request.set_request_id(name);
    while (true) {
      v1::ReplyToConversationResponse response;
      const absl::Status status = CallOverRest(request, &response);
      if (status.ok()) {
        EXPECT_EQ(response.part().body(), name);
        return;
      }
      ASSERT_THAT(ErrorName(status),
                  AnyOf("AMBIGUOUS", "UNAVAILABLE", "PLATFORM_DOWN", "Error500",
                        "TooManyRequests"));
      ++repeated_;
      Wait(std::min(RetryDelay(status), absl::Milliseconds(100)));
    }
  }
  void Read(uint64_t conversation) {
    v1::GetConversationRequest request;
    request.set_conversation_id(conversation);
    v1::GetConversationResponse response;
    const absl::Status status = CallOverRest(request, &response);
    EXPECT_TRUE(!status.ok() || response.conversation().id() == conversation);
  }

  // Calls, and counts what became of it, conversation by conversation.
  void CallUntil(absl::Time end, int caller) {
    for (int round = 0; absl::Now() < end; ++round) {
      const uint64_t conversation = StartConversation("Hello");
      int sent = 0;
      while (sent < kRepliesAConversation && absl::Now() < end) {
        ReplyOnce(conversation, absl::StrCat(caller, "/", round, "/", sent++));
        if (sent % 4 == 0) Read(conversation);
      }
      std::map<std::string, int> written;
      for (const v1::ConversationPart& part : Parts(conversation)) {
        ++written[part.body()];
      }
      for (int i = 0; i < sent; ++i) {
        EXPECT_EQ(written[absl::StrCat(caller, "/", round, "/", i)], 1);
      }
      replies_ += sent;
    }
  }

  static constexpr absl::Duration kRequestMax = absl::Milliseconds(500);

  std::unique_ptr<FakeUpstream> upstream_;
  std::unique_ptr<Store> budget_store_;
  std::unique_ptr<FairBudget> fair_budget_;
  std::atomic<int64_t> replies_ = 0;
  std::atomic<int64_t> repeated_ = 0;
};

TEST_F(AttackTest, NothingIsLostOrDoubledAndNo429IsCaused) {
  const absl::Time end = absl::Now() + AttackTime();
  std::atomic<int> calling = kCallers;
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([this, &calling, end, i] {
      CallUntil(end, i);
      --calling;
    });
  }
  // The platform's clock goes on.
  while (calling > 0) {
    clock_.SetTime(Clock::System().Now());
    Wait(absl::Milliseconds(10));
  }
  for (std::thread& caller : callers) caller.join();

  EXPECT_GE(replies_, kCallers);
  EXPECT_GT(repeated_, 0);
  const std::map<Fault, int64_t> counts = upstream_->counts();
  EXPECT_FALSE(counts.contains(Fault::kTooMany));
  for (const Fault fault :
       {Fault::kDelay, Fault::kDropBefore, Fault::kDropAfter, Fault::kError500,
        Fault::kHtml, Fault::kHalfBody, Fault::kWrongJson, Fault::kDrip}) {
    EXPECT_TRUE(counts.contains(fault)) << FaultName(fault);
  }
  RecordProperty("replies", static_cast<int>(replies_));
  RecordProperty("repeated", static_cast<int>(repeated_));
}

}  // namespace
}  // namespace chatgate
