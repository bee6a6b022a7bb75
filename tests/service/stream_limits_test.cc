#include "tests/service/service_fixture.h"

namespace chatgate {
namespace {

class StreamLimitsTest : public ServiceFixture {
 protected:
  StreamLimitsTest()
      : ServiceFixture(
            ChatServiceOptions{.streams_max = 3, .streams_of_caller_max = 2}) {}

  std::unique_ptr<TestStream> Open(const std::string& token) {
    auto stream = Subscribe({}, token);
    EXPECT_TRUE(stream->Next().has_heartbeat());
    return stream;
  }
};

TEST_F(StreamLimitsTest, ACallerHasSoManyStreamsAndNoMore) {
  const auto first = Open(kReader);
  const auto second = Open(kReader);
  const grpc::Status status = SubscribeError({}, kReader);
  EXPECT_THAT(ToAbsl(status), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(ReasonOf(status), "OVERLOADED");
  Open(kWriter);
}

TEST_F(StreamLimitsTest, AllCallersTogetherToo) {
  const auto first = Open(kReader);
  const auto second = Open(kReader);
  const auto third = Open(kWriter);
  EXPECT_THAT(ToAbsl(SubscribeError({}, kOnly777)),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(StreamLimitsTest, AStreamThatEndsMakesRoom) {
  Open(kReader);
  Open(kReader);
  // The server hears of their end a moment later.
  while (true) {
    const auto first = Subscribe({}, kReader);
    const auto second = Subscribe({}, kReader);
    if (first->Next().has_heartbeat() && second->Next().has_heartbeat()) break;
  }
}

}  // namespace
}  // namespace chatgate
