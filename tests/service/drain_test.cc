#include <thread>

#include "server/event_log/cursor.h"
#include "tests/service/service_fixture.h"

namespace chatgate {
namespace {

using ::testing::AnyOf;

class DrainTest : public ServiceFixture {
 protected:
  // Within the process a message is sent when it is read: so stop beside.
  void BeginStop() {
    stopping_ =
        std::thread([this] { ended_ = service_->Stop(absl::Seconds(60)); });
  }
  bool EndStop() {
    stopping_.join();
    return ended_;
  }

  bool ended_ = false;
  std::thread stopping_;
};

TEST_F(DrainTest, AThousandIdleStreamsEndQuickly) {
  std::vector<std::unique_ptr<TestStream>> streams;
  for (int i = 0; i < 1000; ++i) {
    streams.push_back(Subscribe());
    ASSERT_TRUE(streams.back()->Next().has_heartbeat());
  }
  const absl::Time begin = absl::Now();
  BeginStop();
  for (const auto& stream : streams) {
    EXPECT_TRUE(stream->Next().has_reconnect());
    EXPECT_TRUE(stream->Next().cursor().empty());
    EXPECT_THAT(ToAbsl(stream->Finish()), IsOk());
  }
  EXPECT_TRUE(EndStop());
  server_->Shutdown(absl::Seconds(30));
  // Far from the drain's own limit, near a second under a sanitizer.
  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));
}

TEST_F(DrainTest, TheLastResponseSaysWhyAndWhenAndWhereToComeBack) {
  AddPart("1");
  const auto stream = Subscribe();
  stream->Next();
  BeginStop();
  const v1::SubscribeResponse last = stream->Next();
  EXPECT_EQ(last.reconnect().reason(), "the gateway is stopping");
  EXPECT_GE(last.reconnect().delay().nanos(), 1);
  EXPECT_EQ(last.cursor(), EncodeCursor({FakeEventLog::kEpoch, 1}));
  EXPECT_TRUE(stream->Next().cursor().empty());
  EXPECT_THAT(ToAbsl(stream->Finish()), IsOk());
  EXPECT_TRUE(EndStop());
}

TEST_F(DrainTest, NewStreamsAreRefused) {
  service_->Stop(absl::Seconds(10));
  const grpc::Status status = SubscribeError({});
  EXPECT_THAT(ToAbsl(status), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(ReasonOf(status), "STOPPING");
}

TEST_F(DrainTest, StoppingTwiceIsHarmless) {
  EXPECT_TRUE(service_->Stop(absl::Seconds(10)));
  EXPECT_TRUE(service_->Stop(absl::Seconds(10)));
}

// Cancellations, events and the end all come at once.
TEST_F(DrainTest, StreamsMayEndForSeveralReasonsAtOnce) {
  for (int round = 0; round < 20; ++round) {
    std::vector<std::unique_ptr<TestStream>> streams;
    for (int i = 0; i < 20; ++i) {
      streams.push_back(Subscribe(From(v1::START_EARLIEST)));
    }
    AddPart("while they begin");
    for (int i = 0; i < 20; i += 2) streams[i]->Cancel();
    AddPart("while they end");
    if (round == 19) BeginStop();
    for (const auto& stream : streams) stream->Cancel();
    for (const auto& stream : streams) {
      while (!stream->Next().cursor().empty()) {
      }
      EXPECT_THAT(ToAbsl(stream->Finish()),
                  AnyOf(IsOk(), StatusIs(absl::StatusCode::kUnavailable),
                        StatusIs(absl::StatusCode::kCancelled)));
    }
  }
  EXPECT_TRUE(EndStop());
}

}  // namespace
}  // namespace chatgate
