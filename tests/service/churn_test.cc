// Clients that come and go at any moment, while events come.
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "tests/service/service_fixture.h"

namespace chatgate {
namespace {

constexpr int kClients = 8;
constexpr int kCallsOfEach = 150;
constexpr int kPartsMin = 200;
constexpr int kPartsMax = 20'000;

// The parameter: gRPC queues.
class ChurnTest : public ServiceFixture,
                  public ::testing::WithParamInterface<int> {
 protected:
  ChurnTest()
      : ServiceFixture({.streams_max = 6,
                        // Nobody waits long for something to read.
                        .heartbeat_interval = absl::Milliseconds(5),
                        .batch_events_max = 3,
                        .stored_events_max = 3},
                       GetParam()) {}

  // One call that ends in some way of its own.
  void CallSomehow(std::mt19937& random) {
    v1::SubscribeRequest request =
        From(random() % 2 == 0 ? v1::START_LATEST : v1::START_EARLIEST);
    if (random() % 4 == 0) {
      request.mutable_batch_delay()->set_nanos(1'000'000);
    }
    if (random() % 4 == 0) request.mutable_filter()->add_app_ids(888);
    request.set_include_raw(random() % 4 == 0);
    const auto stream = Subscribe(request);
    switch (random() % 4) {
      case 0:  // Before anything has come.
        return stream->Cancel();
      case 1:
        stream->Next();
        return stream->Cancel();
      case 2:  // Reads for a while, and leaves without a word.
        for (uint32_t n = random() % 20; n > 0; --n) {
          if (stream->Next().cursor().empty()) return;
        }
        return;
      default:
        return CallUnary(random);
    }
  }

  void CallUnary(std::mt19937& random) {
    grpc::ClientContext context;
    Authorize(&context, kReader);
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::microseconds(random() % 2'000));
    v1::ListEventsRequest request;
    v1::ListEventsResponse response;
    const grpc::Status status = stub_->ListEvents(&context, request, &response);
    EXPECT_TRUE(status.ok() ||
                status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED)
        << status.error_message();
  }
};

TEST_P(ChurnTest, LeavesNothingBehind) {
  log_.recent_from = 20;
  std::atomic<int> clients = kClients;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kClients; ++i) {
    threads.emplace_back([this, i, &clients] {
      std::mt19937 random(i);
      for (int n = 0; n < kCallsOfEach; ++n) CallSomehow(random);
      --clients;
    });
  }
  for (int parts = 0; clients > 0 || parts < kPartsMin; ++parts) {
    if (parts < kPartsMax) AddPart("a part", parts % 2 == 0 ? 777 : 888);
    std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();

  // Every place is free again, once the last cancellation has arrived.
  std::vector<std::unique_ptr<TestStream>> streams;
  while (streams.size() < 6) {
    auto stream = Subscribe(From(v1::START_LATEST));
    if (stream->Next().has_heartbeat()) streams.push_back(std::move(stream));
  }
  const uint64_t seq = AddPart("the last");
  for (const auto& stream : streams) {
    EXPECT_THAT(stream->NextSeqs(1), ::testing::ElementsAre(seq));
  }
  streams.clear();
  EXPECT_TRUE(service_->Stop(absl::Seconds(60)));
}

INSTANTIATE_TEST_SUITE_P(Queues, ChurnTest, ::testing::Values(1, 3));

}  // namespace
}  // namespace chatgate
