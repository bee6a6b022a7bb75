#include "tests/service/service_fixture.h"

namespace chatgate {
namespace {

using ::testing::AnyOf;

class DrainTest : public ServiceFixture {};

TEST_F(DrainTest, AThousandIdleStreamsEndQuickly) {
  std::vector<std::unique_ptr<TestStream>> streams;
  for (int i = 0; i < 1000; ++i) {
    streams.push_back(Subscribe());
    ASSERT_TRUE(streams.back()->Next().has_heartbeat());
  }
  const absl::Time begin = absl::Now();
  EXPECT_TRUE(service_->Stop(absl::Seconds(30)));
  server_->Shutdown(absl::Seconds(30));
  // Far from the drain's own limit, near a second under a sanitizer.
  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));
  for (const auto& stream : streams) {
    stream->Next();
    EXPECT_THAT(ToAbsl(stream->Finish()),
                StatusIs(absl::StatusCode::kUnavailable));
  }
}

TEST_F(DrainTest, TheStatusSaysWhyAndWhenToComeBack) {
  const auto stream = Subscribe();
  stream->Next();
  EXPECT_TRUE(service_->Stop(absl::Seconds(10)));
  stream->Next();
  const grpc::Status status = stream->Finish();
  EXPECT_THAT(ToAbsl(status), StatusIs(absl::StatusCode::kUnavailable,
                                       "the gateway is stopping"));
  EXPECT_EQ(ReasonOf(status), "STOPPING");
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
    if (round == 19) service_->Stop(absl::Seconds(10));
    for (const auto& stream : streams) stream->Cancel();
    for (const auto& stream : streams) {
      while (!stream->Next().cursor().empty()) {
      }
      EXPECT_THAT(ToAbsl(stream->Finish()),
                  AnyOf(StatusIs(absl::StatusCode::kUnavailable),
                        StatusIs(absl::StatusCode::kCancelled)));
    }
  }
}

}  // namespace
}  // namespace chatgate
