#include "tests/service/service_fixture.h"

namespace chatgate {
namespace {

constexpr int kParts = 400;
constexpr size_t kPartBytes = 100'000;

// Forty megabytes wait for a reader that does not read.
class SlowReaderTest : public ServiceFixture {
 protected:
  SlowReaderTest() {
    for (int i = 0; i < kParts; ++i) AddPart(std::string(kPartBytes, 'x'));
  }

  // Waits until the service reads no further.
  int ReadsOnceStill() {
    const auto other = Subscribe();
    int reads = -1;
    while (reads != log_.reads()) {
      reads = log_.reads();
      // Each round lets a full exchange through the service.
      for (int i = 0; i < 20; ++i) {
        grpc::ClientContext context;
        Authorize(&context, kOnly777);
        v1::ListChannelsResponse response;
        EXPECT_TRUE(stub_->ListChannels(&context, {}, &response).ok());
      }
    }
    return reads;
  }
};

// A response is read from the log only when the one before has left, so that
// a stream costs one response, not its lag.
TEST_F(SlowReaderTest, CostsAtMostWhatTheTransportTakes) {
  const auto stream = Subscribe(From(v1::START_EARLIEST));
  stream->Next();
  EXPECT_LT(ReadsOnceStill(), 15);
}

TEST_F(SlowReaderTest, GetsEverythingOnceItReads) {
  const auto stream = Subscribe(From(v1::START_EARLIEST));
  ReadsOnceStill();
  EXPECT_EQ(stream->NextSeqs(kParts).size(), static_cast<size_t>(kParts));
}

TEST_F(SlowReaderTest, NoResponseIsOverOneMebibyte) {
  const auto stream = Subscribe(From(v1::START_EARLIEST));
  int events = 0;
  while (events < kParts) {
    const v1::SubscribeResponse response = stream->Next();
    EXPECT_LE(response.ByteSizeLong(), (size_t{1} << 20) + 200);
    events += response.events_size();
  }
}

// A client that does not read must not hold up the end.
TEST_F(SlowReaderTest, DoesNotKeepTheServerFromEnding) {
  const auto stream = Subscribe(From(v1::START_EARLIEST));
  ReadsOnceStill();
  service_->Stop(absl::Milliseconds(50));
  server_->Shutdown(absl::Milliseconds(50));
  while (stream->Next().events_size() > 0) {
  }
  EXPECT_FALSE(stream->Finish().ok());
}

}  // namespace
}  // namespace chatgate
