#include <functional>

#include "server/event_log/cursor.h"
#include "tests/service/service_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;

class StartTest : public ServiceFixture {
 protected:
  StartTest() {
    for (const char* body : {"1", "2", "3"}) AddPart(body);
  }

  static v1::SubscribeRequest After(uint64_t seq,
                                    uint64_t epoch = FakeEventLog::kEpoch) {
    v1::SubscribeRequest request;
    request.set_cursor(EncodeCursor({epoch, seq}));
    return request;
  }
  static v1::SubscribeRequest At(int64_t seconds) {
    v1::SubscribeRequest request;
    request.mutable_start_time()->set_seconds(seconds);
    return request;
  }
};

TEST_F(StartTest, TheFirstResponseHasTheCursorAndTheHead) {
  const auto stream = Subscribe();
  const v1::SubscribeResponse first = stream->Next();
  EXPECT_EQ(first.heartbeat().head(), 3u);
  EXPECT_EQ(first.heartbeat().time().seconds(),
            absl::ToUnixSeconds(clock_.Now()));
  EXPECT_EQ(first.cursor(), EncodeCursor({FakeEventLog::kEpoch, 3}));
  EXPECT_EQ(first.events_size(), 0);
}

TEST_F(StartTest, AHeartbeatTellsHowFarTheStreamIsBehind) {
  EXPECT_EQ(Subscribe(After(1))->Next().heartbeat().lag(), 2u);
  EXPECT_EQ(Subscribe()->Next().heartbeat().lag(), 0u);
}

TEST_F(StartTest, WithoutAStartOnlyNewEventsCome) {
  const auto stream = Subscribe();
  stream->Next();
  AddPart("4");
  EXPECT_THAT(stream->NextSeqs(1), ElementsAre(4));
}

TEST_F(StartTest, LatestIsTheSame) {
  const auto stream = Subscribe(From(v1::START_LATEST));
  stream->Next();
  AddPart("4");
  EXPECT_THAT(stream->NextSeqs(1), ElementsAre(4));
}

TEST_F(StartTest, EarliestBeginsWithTheOldestEvent) {
  log_.DropBefore(2);
  const auto stream = Subscribe(From(v1::START_EARLIEST));
  stream->Next();
  const v1::SubscribeResponse second = stream->Next();
  EXPECT_FALSE(second.has_gap());
  ASSERT_EQ(second.events_size(), 2);
  EXPECT_EQ(second.events(0).seq(), 2u);
}

TEST_F(StartTest, ACursorGoesOnAfterItsEvent) {
  EXPECT_THAT(Subscribe(After(1))->NextSeqs(2), ElementsAre(2, 3));
}

TEST_F(StartTest, TheCursorOfAResponseGoesOnAfterIt) {
  std::string cursor;
  {
    const auto stream = Subscribe(From(v1::START_EARLIEST));
    stream->Next();
    cursor = stream->Next().cursor();
  }
  AddPart("4");
  v1::SubscribeRequest request;
  request.set_cursor(cursor);
  EXPECT_THAT(Subscribe(request)->NextSeqs(1), ElementsAre(4));
}

TEST_F(StartTest, ATimeBeginsWithTheFirstEventSince) {
  EXPECT_THAT(Subscribe(At(2))->NextSeqs(2), ElementsAre(2, 3));
}

TEST_F(StartTest, ATimeInTheFutureBeginsAtTheEnd) {
  const auto stream = Subscribe(At(99));
  EXPECT_EQ(stream->Next().cursor(), EncodeCursor({FakeEventLog::kEpoch, 3}));
}

struct BadStart {
  const char* name;
  std::function<v1::SubscribeRequest()> request;
  absl::StatusCode code;
  const char* reason;
  const char* field;
};

class BadStartTest : public StartTest,
                     public ::testing::WithParamInterface<BadStart> {
 public:
  using StartTest::After;
  using StartTest::At;
};

TEST_P(BadStartTest, IsRefused) {
  const grpc::Status status = SubscribeError(GetParam().request());
  EXPECT_THAT(ToAbsl(status), StatusIs(GetParam().code));
  EXPECT_EQ(ReasonOf(status), GetParam().reason);
  EXPECT_EQ(FieldOf(status), GetParam().field);
}

v1::SubscribeRequest Cursor(const std::string& cursor) {
  v1::SubscribeRequest request;
  request.set_cursor(cursor);
  return request;
}

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

INSTANTIATE_TEST_SUITE_P(
    EachReason, BadStartTest,
    ::testing::Values(
        BadStart{"Unreadable", [] { return Cursor("nonsense"); }, kInvalid,
                 "ValidationError", "cursor"},
        BadStart{"AnotherLog", [] { return BadStartTest::After(1, 43); },
                 absl::StatusCode::kFailedPrecondition, "CURSOR_OF_ANOTHER_LOG",
                 ""},
        BadStart{"AheadOfLog", [] { return BadStartTest::After(4); },
                 absl::StatusCode::kOutOfRange, "CURSOR_AHEAD_OF_LOG", ""},
        BadStart{"CursorAndStart",
                 [] {
                   auto request = BadStartTest::After(1);
                   request.set_start(v1::START_LATEST);
                   return request;
                 },
                 kInvalid, "ValidationError", "cursor"},
        BadStart{"CursorAndTime",
                 [] {
                   auto request = BadStartTest::After(1);
                   request.mutable_start_time()->set_seconds(1);
                   return request;
                 },
                 kInvalid, "ValidationError", "cursor"},
        BadStart{"StartAndTime",
                 [] {
                   auto request = BadStartTest::At(1);
                   request.set_start(v1::START_EARLIEST);
                   return request;
                 },
                 kInvalid, "ValidationError", "start_time"},
        BadStart{"NoTime", [] { return BadStartTest::At(int64_t{1} << 60); },
                 kInvalid, "ValidationError", "start_time"},
        BadStart{"NoNanos",
                 [] {
                   auto request = BadStartTest::At(1);
                   request.mutable_start_time()->set_nanos(1'000'000'000);
                   return request;
                 },
                 kInvalid, "ValidationError", "start_time"},
        BadStart{"NoStart",
                 [] {
                   v1::SubscribeRequest request;
                   request.set_start(static_cast<v1::Start>(77));
                   return request;
                 },
                 kInvalid, "ValidationError", "start"},
        BadStart{"Snapshot",
                 [] {
                   v1::SubscribeRequest request;
                   request.set_snapshot(true);
                   return request;
                 },
                 absl::StatusCode::kUnimplemented, "METHOD_NOT_SERVED", ""}),
    [](const auto& info) { return info.param.name; });

TEST_F(StartTest, WithoutTokenThereIsNoStream) {
  EXPECT_THAT(ToAbsl(SubscribeError({}, "")),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

}  // namespace
}  // namespace chatgate
