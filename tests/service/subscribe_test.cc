#include "server/backend/error_table.h"
#include "server/event_log/cursor.h"
#include "tests/service/service_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;

class SubscribeTest : public ServiceFixture {
 protected:
  using ServiceFixture::ServiceFixture;

  void AddParts(int count) {
    for (int i = 0; i < count; ++i) AddPart("body");
  }
};

// Streams write what another has built, but not what is gone since.
TEST_F(SubscribeTest, WhatWasDeletedIsGoneThoughAnotherStreamHadIt) {
  AddPart("one");
  const auto first = Subscribe(From(v1::START_EARLIEST));
  EXPECT_THAT(first->NextSeqs(1), ElementsAre(1));
  log_.DropBefore(2);
  v1::SubscribeRequest request;
  request.set_cursor(EncodeCursor(log_.CursorAt(0)));
  const auto second = Subscribe(request);
  EXPECT_TRUE(second->Next().has_heartbeat());
  EXPECT_TRUE(second->Next().has_gap());
}

// Two at one position, of which one may see less.
TEST_F(SubscribeTest, AFilterKeepsBackWhatAnotherStreamHasJustWritten) {
  const auto all = Subscribe(From(v1::START_LATEST));
  v1::SubscribeRequest request = From(v1::START_LATEST);
  request.mutable_filter()->add_app_ids(888);
  const auto some = Subscribe(request);
  EXPECT_TRUE(all->Next().has_heartbeat());
  EXPECT_TRUE(some->Next().has_heartbeat());
  for (int i = 0; i < 20; ++i) {
    AddPart("seven", 777);
    const uint64_t seq = AddPart("eight", 888);
    EXPECT_THAT(all->NextSeqs(2), ElementsAre(seq - 1, seq));
    EXPECT_THAT(some->NextSeqs(1), ElementsAre(seq));
  }
}

TEST_F(SubscribeTest, EventsComeInOrderAndOnce) {
  AddParts(600);
  const auto stream = Subscribe(From(v1::START_EARLIEST));
  std::vector<uint64_t> expected;
  for (uint64_t seq = 1; seq <= 600; ++seq) expected.push_back(seq);
  EXPECT_EQ(stream->NextSeqs(600), expected);
}

TEST_F(SubscribeTest, FromOldEventsToNewOnesWithoutAHole) {
  AddParts(1'200);
  log_.recent_from = 1'000;
  const auto stream = Subscribe(From(v1::START_EARLIEST));
  EXPECT_EQ(stream->NextSeqs(1'200).back(), 1'200u);
  AddParts(1);
  EXPECT_THAT(stream->NextSeqs(1), ElementsAre(1'201));
}

TEST_F(SubscribeTest, AResponseHoldsMoreOfTheDiskThanOfMemory) {
  AddParts(1'200);
  log_.recent_from = 1'000;
  const auto stream = Subscribe(From(v1::START_EARLIEST));
  stream->Next();
  for (const int events : {512, 512, 128, 48}) {
    EXPECT_EQ(stream->Next().events_size(), events);
  }
}

// Each body is read by itself.
TEST_F(SubscribeTest, AResponseWithBodiesHoldsNoMoreOfTheDisk) {
  AddParts(200);
  log_.recent_from = 1'000;
  v1::SubscribeRequest request = From(v1::START_EARLIEST);
  request.set_include_raw(true);
  const auto stream = Subscribe(request);
  stream->Next();
  for (const int events : {128, 72}) {
    EXPECT_EQ(stream->Next().events_size(), events);
  }
}

TEST_F(SubscribeTest, EveryResponseHasTheCursorAfterIt) {
  AddParts(2);
  const auto stream = Subscribe(From(v1::START_EARLIEST));
  EXPECT_EQ(stream->Next().cursor(), EncodeCursor({FakeEventLog::kEpoch, 0}));
  EXPECT_EQ(stream->Next().cursor(), EncodeCursor({FakeEventLog::kEpoch, 2}));
}

TEST_F(SubscribeTest, BodiesComeOnlyWhenAskedFor) {
  AddPart("hello");
  v1::SubscribeRequest request = From(v1::START_EARLIEST);
  const auto without = Subscribe(request);
  without->Next();
  EXPECT_EQ(without->Next().events(0).raw(), "");

  request.set_include_raw(true);
  const auto with = Subscribe(request);
  with->Next();
  const v1::SubscribeResponse response = with->Next();
  EXPECT_EQ(response.events(0).raw(), "raw of hello");
  EXPECT_EQ(response.events(0).dashly_conversation().conversation().body(),
            "hello");
}

TEST_F(SubscribeTest, AFilterLetsThroughWhatItNames) {
  AddPart("lead");
  AddPart("operator", 777, "a2u");
  AddPart("lead");
  v1::SubscribeRequest request = From(v1::START_EARLIEST);
  request.mutable_filter()->add_directions("u2a");
  EXPECT_THAT(Subscribe(request)->NextSeqs(2), ElementsAre(1, 3));
}

TEST_F(SubscribeTest, ARestrictedCallerSeesOnlyItsApps) {
  AddPart("mine", 777);
  AddPart("theirs", 888);
  AddPart("mine", 777);
  EXPECT_THAT(Subscribe(From(v1::START_EARLIEST), kOnly777)->NextSeqs(2),
              ElementsAre(1, 3));
}

// All of it is in memory, and still no queue's thread searches it in one go.
TEST_F(SubscribeTest, ALongSearchOfRecentEventsLeavesTheQueuesThread) {
  AddParts(5'000);
  AddPart("wanted", 888);
  v1::SubscribeRequest request = From(v1::START_EARLIEST);
  request.mutable_filter()->add_app_ids(888);
  const auto stream = Subscribe(request);
  v1::SubscribeResponse response;
  do {
    response = stream->Next();
  } while (response.events().empty());
  EXPECT_EQ(response.events(0).seq(), 5'001u);
  EXPECT_GE(log_.reads_after(), 1);
}

TEST_F(SubscribeTest, AWrongFilterIsRefused) {
  v1::SubscribeRequest request;
  request.mutable_filter()->add_directions("sideways");
  const grpc::Status status = SubscribeError(request);
  EXPECT_THAT(ToAbsl(status), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(FieldOf(status), "filter.directions[0]");
}

TEST_F(SubscribeTest, WhatIsGoneIsToldBeforeTheRest) {
  AddParts(5);
  log_.DropBefore(4);
  v1::SubscribeRequest request;
  request.set_cursor(EncodeCursor({FakeEventLog::kEpoch, 1}));
  const auto stream = Subscribe(request);
  stream->Next();
  const v1::SubscribeResponse gap = stream->Next();
  EXPECT_EQ(gap.gap().first_seq(), 2u);
  EXPECT_EQ(gap.gap().last_seq(), 3u);
  EXPECT_EQ(gap.cursor(), EncodeCursor({FakeEventLog::kEpoch, 3}));
  EXPECT_EQ(gap.events_size(), 0);
  EXPECT_THAT(stream->NextSeqs(2), ElementsAre(4, 5));
}

TEST_F(SubscribeTest, AnErrorOfTheLogEndsTheStream) {
  AddParts(1);
  log_.FailReads(MakeError("DATA_LOSS", "the disk is broken"));
  const auto stream = Subscribe(From(v1::START_EARLIEST));
  stream->Next();
  stream->Next();
  EXPECT_THAT(ToAbsl(stream->Finish()),
              StatusIs(absl::StatusCode::kDataLoss, "the disk is broken"));
}

// A disk that does not answer holds the threads that read it, nothing else.
TEST_F(SubscribeTest, AStalledDiskDoesNotStopLiveStreams) {
  AddParts(10);
  log_.recent_from = 10;
  log_.Block();
  std::vector<std::unique_ptr<TestStream>> stalled;
  for (int i = 0; i < 10; ++i) {
    stalled.push_back(Subscribe(From(v1::START_EARLIEST)));
    EXPECT_TRUE(stalled.back()->Next().has_heartbeat());
  }
  const auto live = Subscribe();
  live->Next();
  AddParts(1);
  EXPECT_THAT(live->NextSeqs(1), ElementsAre(11));
  log_.Unblock();
  for (const auto& stream : stalled) {
    EXPECT_EQ(stream->NextSeqs(11).size(), 11u);
  }
}

TEST_F(SubscribeTest, ManyStreamsGetTheSameEvents) {
  std::vector<std::unique_ptr<TestStream>> streams;
  for (int i = 0; i < 50; ++i) {
    streams.push_back(Subscribe());
    streams.back()->Next();
  }
  AddParts(20);
  for (const auto& stream : streams) {
    EXPECT_EQ(stream->NextSeqs(20).size(), 20u);
  }
}

class QuickHeartbeatTest : public SubscribeTest {
 protected:
  QuickHeartbeatTest()
      : SubscribeTest(
            ChatServiceOptions{.heartbeat_interval = absl::Milliseconds(20)}) {}
};

TEST_F(QuickHeartbeatTest, SilenceIsBrokenByHeartbeats) {
  const auto stream = Subscribe();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(stream->Next().has_heartbeat());
}

TEST_F(QuickHeartbeatTest, EventsLeftOutStillMoveTheCursor) {
  v1::SubscribeRequest request;
  request.mutable_filter()->add_conversations("dashly:another");
  const auto stream = Subscribe(request);
  stream->Next();
  AddParts(7);
  v1::SubscribeResponse response;
  do {
    response = stream->Next();
    ASSERT_TRUE(response.has_heartbeat());
    ASSERT_EQ(response.events_size(), 0);
  } while (response.cursor() != EncodeCursor({FakeEventLog::kEpoch, 7}));
}

// Reading for long without a match must not look like death.
TEST_F(QuickHeartbeatTest, ALongSearchIsBrokenByHeartbeats) {
  AddParts(20'000);
  log_.recent_from = 20'000;
  v1::SubscribeRequest request = From(v1::START_EARLIEST);
  request.mutable_filter()->add_conversations("dashly:another");
  const auto stream = Subscribe(request);
  v1::SubscribeResponse response;
  do {
    response = stream->Next();
    ASSERT_TRUE(response.has_heartbeat());
  } while (response.cursor() != EncodeCursor({FakeEventLog::kEpoch, 20'000}));
}

}  // namespace
}  // namespace chatgate
