#include <thread>

#include "server/event_log/cursor.h"
#include "server/subscription/jitter.h"
#include "tests/service/service_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class StreamAgeTest : public ServiceFixture {
 protected:
  StreamAgeTest()
      : ServiceFixture(
            ChatServiceOptions{.stream_age_max = absl::Milliseconds(30)}) {}
};

TEST_F(StreamAgeTest, AnOldStreamEndsWellWithCursorAndHint) {
  AddPart("1");
  // From its end, so that the cursor is this one however soon it is old.
  const auto stream = Subscribe(From(v1::START_LATEST));
  v1::SubscribeResponse response;
  do {
    response = stream->Next();
    ASSERT_FALSE(response.cursor().empty()) << "ended without a Reconnect";
  } while (!response.has_reconnect());
  EXPECT_EQ(response.cursor(), EncodeCursor({FakeEventLog::kEpoch, 1}));
  EXPECT_THAT(response.reconnect().reason(), HasSubstr("old"));
  EXPECT_TRUE(response.reconnect().has_delay());
  EXPECT_TRUE(stream->Next().cursor().empty());
  EXPECT_THAT(ToAbsl(stream->Finish()), IsOk());
}

TEST_F(StreamAgeTest, TheNextStreamMissesNothing) {
  std::string cursor;
  std::vector<uint64_t> seqs;
  // The last ones may grow old before they deliver anything.
  for (int round = 0; round < 5 || seqs.size() < 5; ++round) {
    v1::SubscribeRequest request = From(v1::START_EARLIEST);
    if (!cursor.empty()) {
      request.clear_start();
      request.set_cursor(cursor);
    }
    const auto stream = Subscribe(request);
    if (round < 5) AddPart("one more");
    while (true) {
      const v1::SubscribeResponse response = stream->Next();
      if (response.cursor().empty()) break;
      for (const auto& event : response.events()) seqs.push_back(event.seq());
      cursor = response.cursor();
    }
  }
  EXPECT_THAT(seqs, ElementsAre(1, 2, 3, 4, 5));
}

TEST(JitterTest, GivesOrTakesATenth) {
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration jittered = Jittered(absl::Seconds(100));
    EXPECT_GE(jittered, absl::Seconds(90));
    EXPECT_LE(jittered, absl::Seconds(110));
  }
  EXPECT_EQ(Jittered(absl::InfiniteDuration()), absl::InfiniteDuration());
}

class BatchDelayTest : public ServiceFixture {
 protected:
  BatchDelayTest()
      : BatchDelayTest(ChatServiceOptions{.batch_events_max = 8}) {}
  explicit BatchDelayTest(const ChatServiceOptions& options)
      : ServiceFixture(options) {}

  static v1::SubscribeRequest Delayed(absl::Duration delay) {
    v1::SubscribeRequest request;
    request.mutable_batch_delay()->set_seconds(absl::ToInt64Seconds(delay));
    request.mutable_batch_delay()->set_nanos(
        static_cast<int32_t>(absl::ToInt64Nanoseconds(
            delay - absl::Trunc(delay, absl::Seconds(1)))));
    return request;
  }
};

// A full response has nothing to wait for: a second each would be over a
// minute.
TEST_F(BatchDelayTest, AFullResponseGoesAtOnce) {
  const auto stream = Subscribe(Delayed(absl::Seconds(1)));
  stream->Next();
  const absl::Time begin = absl::Now();
  for (int i = 0; i < 8 * 70; ++i) AddPart("x");
  for (int i = 0; i < 70; ++i) EXPECT_EQ(stream->Next().events_size(), 8);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(60));
}

class LargeBatchDelayTest : public BatchDelayTest {
 protected:
  LargeBatchDelayTest()
      : BatchDelayTest(ChatServiceOptions{.batch_events_max = 1'000}) {}
};

// Each fills a response by its bytes. A second each would be over a minute.
TEST_F(LargeBatchDelayTest, WhatHasWaitedGoesInAsManyResponsesAsItNeeds) {
  for (int i = 0; i < 70; ++i) AddPart(std::string(600 << 10, 'x'));
  v1::SubscribeRequest request = Delayed(absl::Seconds(1));
  request.set_start(v1::START_EARLIEST);
  const auto stream = Subscribe(request);
  const absl::Time begin = absl::Now();
  EXPECT_EQ(stream->NextSeqs(70).back(), 70u);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(60));
}

TEST_F(BatchDelayTest, WhatComesWithinTheDelayComesTogether) {
  const auto stream =
      Subscribe(Delayed(absl::Hours(1)));  // Counts as a second.
  stream->Next();
  for (int i = 0; i < 5; ++i) AddPart("x");
  EXPECT_EQ(stream->Next().events_size(), 5);
}

TEST_F(BatchDelayTest, AFewEventsComeAfterTheDelay) {
  const auto stream = Subscribe(Delayed(absl::Milliseconds(20)));
  stream->Next();
  for (uint64_t seq = 1; seq <= 3; ++seq) {
    AddPart("x");
    EXPECT_THAT(stream->NextSeqs(1), ElementsAre(seq));
  }
}

TEST_F(BatchDelayTest, ANegativeDelayIsRefused) {
  v1::SubscribeRequest request;
  request.mutable_batch_delay()->set_seconds(-1);
  const grpc::Status status = SubscribeError(request);
  EXPECT_THAT(ToAbsl(status), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(FieldOf(status), "batch_delay");
}

TEST_F(BatchDelayTest, AWaitingStreamIsEndedAndCancelled) {
  const auto ended = Subscribe(Delayed(absl::Seconds(1)));
  const auto cancelled = Subscribe(Delayed(absl::Seconds(1)));
  ended->Next();
  cancelled->Next();
  AddPart("x");
  cancelled->Cancel();
  bool all_ended = false;
  std::thread stop([&] { all_ended = service_->Stop(absl::Seconds(60)); });
  while (!ended->Next().cursor().empty()) {
  }
  EXPECT_THAT(ToAbsl(ended->Finish()), IsOk());
  stop.join();
  EXPECT_TRUE(all_ended);
}

}  // namespace
}  // namespace chatgate
