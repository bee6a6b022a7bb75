// Limits of streams: their number, each caller's share, readers that are slow
// or gone.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/sse/sse_streams_fixture.h"
#include "webhook/sse/sse_stream.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Streams have threads of their own: with two connections in all, six streams
// leave both to the webhooks.
TEST_F(SseStreamsTest, StreamsDoNotStarveWebhooks) {
  std::vector<std::unique_ptr<SseReader>> readers;
  for (int i = 0; i < 6; ++i) {
    readers.push_back(Open(""));
    EXPECT_THAT(readers.back()->Next(), StartsWith(": heartbeat"));
  }
  std::string head;
  do {
    head =
        SseReader(server_->port(), "/webhook", "Content-Length: 0\r\n", "POST")
            .Head();
  } while (absl::StrContains(head, "Retry-After: 1\r\n"));
  EXPECT_THAT(head, StartsWith("HTTP/1.1 200"));
}

TEST_F(SseStreamsTest, TheNextStreamBeyondTheLimitIsRefused) {
  Start({}, 2);
  const auto first = Open("");
  const auto second = Open("");
  Open("");
  EXPECT_THAT(head_, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(head_, HasSubstr("Retry-After: 5\r\n"));
}

TEST_F(SseStreamsTest, ACallerTakesOnlyItsShare) {
  SseStreams::Options options;
  options.streams_of_caller_max = 1;
  Start(options);
  auto first = Open("");
  Open("");
  EXPECT_THAT(head_, StartsWith("HTTP/1.1 429"));
  EXPECT_THAT(head_, HasSubstr("Retry-After: 5\r\n"));
  Open("", "", "only-777-token");
  EXPECT_THAT(head_, StartsWith("HTTP/1.1 200"));
}

TEST_F(SseStreamsTest, AStreamThatEndsGivesItsPlaceBack) {
  SseStreams::Options options;
  options.stream.heartbeat_interval = absl::Milliseconds(10);
  options.streams_of_caller_max = 1;
  Start(options);
  Open("");
  // The first is found to be gone a moment later.
  do {
    Open("");
  } while (absl::StrContains(head_, "Retry-After: 5\r\n"));
  EXPECT_THAT(head_, StartsWith("HTTP/1.1 200"));
}

// It sends no reset, so that writing to it fails never.
TEST_F(SseStreamsTest, AReaderThatClosesItsSideIsLetGoAtTheNextHeartbeat) {
  SseStreams::Options options;
  options.stream.heartbeat_interval = absl::Milliseconds(10);
  Start(options);
  const auto reader = Open("");
  EXPECT_THAT(reader->Next(), StartsWith(": heartbeat"));
  reader->EndSending();
  int records = 0;
  while (records < 1'000 && !reader->Next().empty()) ++records;
  EXPECT_LT(records, 1'000);
}

TEST_F(SseStreamsTest, AReaderThatStopsIsCutOff) {
  SseStreams::Options options;
  options.stream.write_time_max = absl::Milliseconds(100);
  Start(options, 1);
  for (int i = 0; i < 200; ++i) AddPart(777, "u2a", 100'000);
  SseReader stalled(server_->port(), "/v1/stream?start=earliest",
                    absl::StrCat("Authorization: Bearer ", kToken, "\r\n"),
                    "GET", 4096);
  EXPECT_THAT(stalled.Head(), StartsWith("HTTP/1.1 200"));
  // Its place is free once it has been cut off.
  do {
    Open("");
  } while (!absl::StartsWith(head_, "HTTP/1.1 200"));
}

// A reader that has taken some bytes, and then goes.
class CountingReader final : public ByteStream {
 public:
  explicit CountingReader(size_t enough) : enough_(enough) {}

  absl::StatusOr<size_t> Read(char*, size_t, Deadline) override { return 0; }
  absl::Status Write(absl::string_view bytes, Deadline) override {
    largest_ = std::max(largest_, bytes.size());
    text_.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  }
  bool HasEnded() const override { return text_.size() >= enough_; }

  size_t largest() const { return largest_; }
  const std::string& text() const { return text_; }

 private:
  const size_t enough_;
  size_t largest_ = 0;
  std::string text_;
};

// Each piece has its time, so that who is slow gets through a large event.
TEST_F(SseStreamsTest, ALargeEventIsWrittenInPieces) {
  AddPart(777, "u2a", 500'000);
  AddPart(777, "u2a", 10);
  CountingReader reader(500'000);
  SseStream(log_, *hub_,
            *EventFilter::Compile({}, {"reader", v1::READER, {}}, {777}), false,
            0, {})
      .Run(reader);
  EXPECT_LE(reader.largest(), 16u << 10);
  EXPECT_THAT(reader.text(), HasSubstr(std::string(500'000, 'x')));
}

}  // namespace
}  // namespace chatgate
