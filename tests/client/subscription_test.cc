#include "client/subscription.h"

#include <algorithm>
#include <thread>

#include "client/testing/fake_chat_service.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/fake_waiter.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SubscriptionTest : public ::testing::Test {
 protected:
  void Start(SubscriptionOptions options = {}) {
    options.backoff.jitter = [] { return 0.0; };
    options.waiter = &waiter_;
    subscription_ = Subscription::Start(*client_, std::move(options));
  }
  void StartEarliest() {
    SubscriptionOptions options;
    options.request.set_start(v1::START_EARLIEST);
    Start(std::move(options));
  }
  void Publish(int count) {
    for (int i = 0; i < count; ++i) service_.Publish(v1::Event());
  }
  // Seqs of the next events, heartbeats passed over.
  std::vector<uint64_t> NextSeqs(size_t count) {
    std::vector<uint64_t> seqs;
    while (seqs.size() < count) {
      const auto response = subscription_->Next();
      if (!response.ok()) return seqs;
      for (const auto& event : response->events()) seqs.push_back(event.seq());
    }
    return seqs;
  }

  FakeWaiter waiter_;
  FakeChatService service_;
  std::unique_ptr<ChatClient> client_ =
      ChatClient::Over(service_.InProcess(), {});
  std::unique_ptr<Subscription> subscription_;
};

TEST_F(SubscriptionTest, FirstResponseComesAtOnceWithTheCursor) {
  Publish(2);
  Start();
  ASSERT_OK_AND_ASSIGN(const auto response, subscription_->Next());
  EXPECT_EQ(response.heartbeat().head(), 2u);
  EXPECT_EQ(subscription_->cursor(), response.cursor());
}

TEST_F(SubscriptionTest, EventsComeInOrder) {
  Publish(3);
  StartEarliest();
  EXPECT_THAT(NextSeqs(3), ElementsAre(1, 2, 3));
  Publish(1);
  EXPECT_THAT(NextSeqs(1), ElementsAre(4));
}

TEST_F(SubscriptionTest, LostStreamResumesFromTheLastCursor) {
  Publish(2);
  StartEarliest();
  EXPECT_THAT(NextSeqs(2), ElementsAre(1, 2));
  service_.EndStreams(absl::UnavailableError("stopping"));
  Publish(2);
  EXPECT_THAT(NextSeqs(2), ElementsAre(3, 4));
  ASSERT_EQ(service_.subscribes().size(), 2u);
  EXPECT_EQ(service_.subscribes()[1].cursor(), "fake:2");
  EXPECT_EQ(service_.subscribes()[1].start(), v1::START_UNSPECIFIED);
  EXPECT_EQ(subscription_->reconnects(), 1);
}

TEST_F(SubscriptionTest, FilterSurvivesAReconnect) {
  SubscriptionOptions options;
  options.request.mutable_filter()->add_conversations("dashly:1");
  Start(std::move(options));
  ASSERT_THAT(subscription_->Next(), IsOk());
  service_.EndStreams(absl::UnavailableError("stopping"));
  ASSERT_THAT(subscription_->Next(), IsOk());
  EXPECT_THAT(service_.subscribes()[1].filter().conversations(),
              ElementsAre("dashly:1"));
}

// A gateway that drains ends its streams cleanly; that is no end for us.
TEST_F(SubscriptionTest, CleanEndOfTheStreamIsResumed) {
  StartEarliest();
  ASSERT_THAT(subscription_->Next(), IsOk());
  service_.EndStreams(absl::OkStatus());
  Publish(1);
  EXPECT_THAT(NextSeqs(1), ElementsAre(1));
}

// The gateway spreads its clients: its wait counts, not that of a failure.
TEST_F(SubscriptionTest, ReconnectIsDoneWhenTheGatewaySays) {
  Publish(1);
  std::string why;
  SubscriptionOptions options;
  options.request.set_start(v1::START_EARLIEST);
  options.on_retry = [&](const absl::Status& status, absl::Duration) {
    why = std::string(status.message());
  };
  Start(std::move(options));
  EXPECT_THAT(NextSeqs(1), ElementsAre(1));
  v1::Reconnect reconnect;
  reconnect.set_reason("the stream is old");
  reconnect.mutable_delay()->set_seconds(7);
  service_.EndStreamsWith(reconnect);
  ASSERT_OK_AND_ASSIGN(const auto last, subscription_->Next());
  EXPECT_TRUE(last.has_reconnect());
  Publish(1);
  EXPECT_THAT(NextSeqs(1), ElementsAre(2));
  EXPECT_THAT(waiter_.backoffs(), ElementsAre(absl::Seconds(7)));
  EXPECT_THAT(why, HasSubstr("the stream is old"));
  EXPECT_EQ(service_.subscribes()[1].cursor(), "fake:1");
}

TEST_F(SubscriptionTest, ReconnectAsksForNoLongerWaitThanOurs) {
  Start();
  ASSERT_THAT(subscription_->Next(), IsOk());
  v1::Reconnect reconnect;
  reconnect.mutable_delay()->set_seconds(1'000'000);
  service_.EndStreamsWith(reconnect);
  ASSERT_THAT(subscription_->Next(), IsOk());
  ASSERT_THAT(subscription_->Next(), IsOk());
  EXPECT_THAT(waiter_.backoffs(), ElementsAre(absl::Seconds(30)));
}

// The cursor of half a snapshot would skip the other half.
TEST_F(SubscriptionTest, SnapshotThatWasCutOffIsBegunAnew) {
  Publish(1);
  SubscriptionOptions options;
  options.request.set_snapshot(true);
  Start(std::move(options));
  ASSERT_THAT(subscription_->Next(), IsOk());
  EXPECT_EQ(subscription_->cursor(), "");
  service_.EndStreams(absl::UnavailableError("stopping"));
  ASSERT_THAT(subscription_->Next(), IsOk());
  EXPECT_TRUE(service_.subscribes()[1].snapshot());
  EXPECT_EQ(service_.subscribes()[1].cursor(), "");
}

TEST_F(SubscriptionTest, ThereIsNeverMoreThanOneStream) {
  StartEarliest();
  for (int i = 0; i < 20; ++i) {
    ASSERT_THAT(subscription_->Next(), IsOk());
    service_.EndStreams(absl::InternalError("again"));
  }
  EXPECT_EQ(service_.streams_open_max(), 1);
}

TEST_F(SubscriptionTest, WaitsGrowUntilEventsCome) {
  service_.FailNext("Subscribe", absl::UnavailableError("down"), 4);
  StartEarliest();
  Publish(1);
  EXPECT_THAT(NextSeqs(1), ElementsAre(1));
  service_.EndStreams(absl::UnavailableError("stopping"));
  ASSERT_THAT(subscription_->Next(), IsOk());
  EXPECT_THAT(waiter_.backoffs(),
              ElementsAre(absl::Milliseconds(200), absl::Milliseconds(400),
                          absl::Milliseconds(800), absl::Milliseconds(1'600),
                          absl::Milliseconds(200)));
}

// A gateway that greets each stream and then fails must not be asked five times
// a second.
TEST_F(SubscriptionTest, WaitsGrowWhereHeartbeatsAreAllThatComes) {
  Start();
  for (int i = 0; i < 9; ++i) {
    ASSERT_THAT(subscription_->Next(), IsOk());
    service_.EndStreams(absl::InternalError("again"));
  }
  ASSERT_THAT(subscription_->Next(), IsOk());
  const std::vector<absl::Duration> waits = waiter_.backoffs();
  ASSERT_EQ(waits.size(), 9u);
  EXPECT_EQ(waits[1], absl::Milliseconds(400));
  EXPECT_EQ(waits[8], absl::Seconds(30));
}

TEST_F(SubscriptionTest, AStreamThatSpokeForLongMakesTheWaitsShortAgain) {
  SubscriptionOptions options;
  options.request.mutable_filter()->add_conversations("dashly:none");
  service_.FailNext("Subscribe", absl::UnavailableError("down"), 2);
  Start(std::move(options));
  ASSERT_THAT(subscription_->Next(), IsOk());
  waiter_.Advance(absl::Seconds(30));
  Publish(1);  // The filter lets nothing but the cursor through.
  ASSERT_OK_AND_ASSIGN(const auto response, subscription_->Next());
  EXPECT_EQ(response.events_size(), 0);
  service_.EndStreams(absl::UnavailableError("stopping"));
  ASSERT_THAT(subscription_->Next(), IsOk());
  EXPECT_EQ(waiter_.backoffs().back(), absl::Milliseconds(200));
}

TEST_F(SubscriptionTest, AReconnectWithoutAWaitIsNotDoneAtOnce) {
  Start();
  ASSERT_THAT(subscription_->Next(), IsOk());
  service_.EndStreamsWith(v1::Reconnect());
  ASSERT_THAT(subscription_->Next(), IsOk());
  ASSERT_THAT(subscription_->Next(), IsOk());
  EXPECT_THAT(waiter_.backoffs(), ElementsAre(absl::Milliseconds(100)));
}

TEST_F(SubscriptionTest, RetryInfoIsHonoured) {
  service_.FailNext("Subscribe",
                    WithRetryDelay(absl::ResourceExhaustedError("streams"),
                                   absl::Seconds(3)));
  Start();
  ASSERT_THAT(subscription_->Next(), IsOk());
  EXPECT_THAT(waiter_.backoffs(), ElementsAre(absl::Seconds(3)));
}

TEST_F(SubscriptionTest, RetriesAreTold) {
  std::vector<std::string> told;
  SubscriptionOptions options;
  options.on_retry = [&](const absl::Status& why, absl::Duration wait) {
    told.push_back(absl::StrCat(std::string(why.message()), " ",
                                absl::FormatDuration(wait)));
  };
  service_.FailNext("Subscribe", absl::UnavailableError("down"));
  Start(std::move(options));
  ASSERT_THAT(subscription_->Next(), IsOk());
  EXPECT_THAT(told, ElementsAre("down 200ms"));
}

TEST_F(SubscriptionTest, SilentStreamIsGivenUpAndResumed) {
  Publish(1);
  StartEarliest();
  EXPECT_THAT(NextSeqs(1), ElementsAre(1));
  waiter_.EndSilence();
  // The first response of the second stream.
  ASSERT_THAT(subscription_->Next(), IsOk());
  EXPECT_EQ(waiter_.silence(), absl::Seconds(45));
  EXPECT_EQ(service_.subscribes().back().cursor(), "fake:1");
}

// A half-open connection: the stream was accepted, and then nothing ever came.
TEST_F(SubscriptionTest, StreamThatNeverSpokeIsGivenUp) {
  service_.SetSilent(true);
  std::string why;
  SubscriptionOptions options;
  options.on_retry = [&](const absl::Status& status, absl::Duration) {
    why = std::string(status.message());
    EXPECT_TRUE(service_.AwaitNoStreams());  // Given up before the next one.
    service_.SetSilent(false);
  };
  Start(std::move(options));
  waiter_.EndSilence();
  ASSERT_THAT(subscription_->Next(), IsOk());
  EXPECT_THAT(why, HasSubstr("silent for 45s"));
}

TEST_F(SubscriptionTest, GapIsReportedAndTheStreamGoesOn) {
  Publish(5);
  service_.Forget(3);
  SubscriptionOptions options;
  options.request.set_cursor("fake:1");
  Start(std::move(options));
  ASSERT_THAT(subscription_->Next(), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto gap, subscription_->Next());
  EXPECT_EQ(gap.gap().first_seq(), 2u);
  EXPECT_EQ(gap.gap().last_seq(), 3u);
  EXPECT_EQ(subscription_->gaps(), 1);
  EXPECT_THAT(NextSeqs(2), ElementsAre(4, 5));
}

// What was accepted may end for good, too: a snapshot that is too large is
// found out only while it is taken.
TEST_F(SubscriptionTest, ATerminalErrorEndsAStreamThatHasBegun) {
  SubscriptionOptions options;
  options.request.set_snapshot(true);
  Start(std::move(options));
  ASSERT_THAT(subscription_->Next(), IsOk());
  service_.EndStreams(absl::FailedPreconditionError("too large"));
  EXPECT_THAT(subscription_->Next(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "too large"));
  EXPECT_EQ(service_.subscribes().size(), 1u);
}

class TerminalErrorTest : public SubscriptionTest,
                          public ::testing::WithParamInterface<absl::Status> {};

TEST_P(TerminalErrorTest, EndsTheSubscriptionForGood) {
  service_.FailNext("Subscribe", GetParam());
  Start();
  EXPECT_THAT(subscription_->Next(), StatusIs(GetParam().code(), "no"));
  EXPECT_THAT(subscription_->Next(), StatusIs(GetParam().code(), "no"));
  EXPECT_EQ(service_.subscribes().size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    Codes, TerminalErrorTest,
    ::testing::Values(
        absl::InvalidArgumentError("no"), absl::UnauthenticatedError("no"),
        absl::PermissionDeniedError("no"), absl::FailedPreconditionError("no"),
        absl::OutOfRangeError("no"), absl::UnimplementedError("no"),
        absl::DataLossError("no")),
    [](const auto& info) {
      std::string name = absl::StatusCodeToString(info.param.code());
      name.erase(std::remove(name.begin(), name.end(), '_'), name.end());
      return name;
    });

TEST_F(SubscriptionTest, StopWakesNext) {
  Start();
  ASSERT_THAT(subscription_->Next(), IsOk());
  std::thread stopper([&] { subscription_->Stop(); });
  EXPECT_THAT(subscription_->Next(), StatusIs(absl::StatusCode::kCancelled));
  stopper.join();
  EXPECT_THAT(subscription_->Next(), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(SubscriptionTest, StopEndsABackoff) {
  waiter_.HoldBackoffs();
  service_.FailNext("Subscribe", absl::UnavailableError("down"), 1'000'000);
  Start();
  std::thread stopper([&] {
    waiter_.AwaitBackoff();
    subscription_->Stop();
  });
  EXPECT_THAT(subscription_->Next(), StatusIs(absl::StatusCode::kCancelled));
  stopper.join();
}

TEST_F(SubscriptionTest, DestructorEndsTheStream) {
  Start();
  ASSERT_THAT(subscription_->Next(), IsOk());
  subscription_.reset();
  EXPECT_TRUE(service_.AwaitNoStreams());
}

TEST_F(SubscriptionTest, RunEndsWithTheErrorOfItsCallback) {
  Start();
  EXPECT_THAT(subscription_->Run([](const v1::SubscribeResponse&) {
    return absl::DataLossError("disk");
  }),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(SubscriptionTest, RunEndsWellWhenStopped) {
  Start();
  EXPECT_THAT(subscription_->Run([&](const v1::SubscribeResponse&) {
    subscription_->Stop();
    return absl::OkStatus();
  }),
              IsOk());
}

}  // namespace
}  // namespace chatgate
