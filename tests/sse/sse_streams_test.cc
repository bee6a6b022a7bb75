#include "webhook/sse/sse_streams.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/event_log/cursor.h"
#include "tests/service/fake_event_log.h"
#include "tests/support/status_matchers.h"
#include "webhook/http_server.h"
#include "webhook/sse/sse_stream.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kToken[] = "reader-token";

// One connection that asks for a stream and reads it record by record.
class Reader {
 public:
  Reader(int port, const std::string& target, const std::string& headers,
         const std::string& verb = "GET", int receive_bytes = 0) {
    socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_bytes > 0) {
      setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes,
                 sizeof(receive_bytes));
    }
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address),
                      sizeof(address)),
              0);
    const std::string text = absl::StrCat(
        verb, " ", target, " HTTP/1.1\r\nHost: a\r\n", headers, "\r\n");
    EXPECT_EQ(send(socket_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  ~Reader() { close(socket_); }

  void EndSending() { shutdown(socket_, SHUT_WR); }
  // The head of the answer.
  std::string Head() { return Until("\r\n\r\n"); }
  // The next record; empty at the end of the stream.
  std::string Next() { return Until("\n\n"); }
  // The body where there is no stream.
  std::string Refusal() { return Until("}\n"); }

  // The seqs of the next events.
  std::vector<uint64_t> NextSeqs(size_t count) {
    std::vector<uint64_t> seqs;
    while (seqs.size() < count) {
      const std::string record = Next();
      if (record.empty()) break;
      const size_t at = record.find("\"seq\": \"");
      uint64_t seq = 0;
      if (at == std::string::npos) continue;
      const std::string rest = record.substr(at + 8);
      EXPECT_TRUE(absl::SimpleAtoi(rest.substr(0, rest.find('"')), &seq));
      seqs.push_back(seq);
    }
    return seqs;
  }

 private:
  std::string Until(const std::string& mark) {
    size_t end = 0;
    while ((end = buffer_.find(mark)) == std::string::npos) {
      char bytes[4096];
      const ssize_t count = recv(socket_, bytes, sizeof(bytes), 0);
      if (count <= 0) return "";
      buffer_.append(bytes, static_cast<size_t>(count));
    }
    std::string text = buffer_.substr(0, end + mark.size());
    buffer_.erase(0, end + mark.size());
    return text;
  }

  int socket_;
  std::string buffer_;
};

class SseStreamsTest : public ::testing::Test {
 protected:
  void SetUp() override { Start({}); }
  ~SseStreamsTest() override {
    log_.Unblock();
    End();
  }

  void Start(const SseStreams::Options& options, size_t streams_max = 8) {
    End();
    hub_ = Hub::Create(log_.Head());
    log_.OnHead([this](uint64_t head) { hub_->SetHead(head); });
    streams_ = std::make_unique<SseStreams>(
        Authenticator({{{"reader", v1::READER, {}}, kToken},
                       {{"only", v1::READER, {777}}, "only-777-token"}}),
        std::set<uint64_t>{777, 888}, log_, *hub_, options, metrics_);
    RouteTable routes;
    streams_->AddTo(&routes);
    routes.Add("POST", "/webhook",
               [](const HttpRequest&) { return HttpResponse(); });
    HttpServer::Options server;
    server.listen = "127.0.0.1:0";
    server.connections_max = 2;
    server.long_answers_max = streams_max;
    ASSERT_OK_AND_ASSIGN(server_, HttpServer::Start(server, routes));
  }
  // As the gateway ends.
  void End() {
    if (server_ == nullptr) return;
    hub_->Close();
    server_->Stop(absl::Seconds(5));
    server_ = nullptr;
    log_.OnHead(nullptr);
  }

  void AddPart(uint64_t app_id = 777, const std::string& direction = "u2a",
               size_t bytes = 1) {
    v1::Event event;
    event.set_app_id(app_id);
    auto* part = event.mutable_dashly_conversation()->mutable_conversation();
    part->set_direction(direction);
    part->set_body(std::string(bytes, 'x'));
    log_.Add(event);
  }
  std::unique_ptr<Reader> Open(const std::string& query,
                               const std::string& headers = "",
                               const std::string& token = kToken) {
    std::unique_ptr<Reader> reader;
    do {
      reader = std::make_unique<Reader>(
          server_->port(), absl::StrCat("/v1/stream?", query),
          absl::StrCat("Authorization: Bearer ", token, "\r\n", headers));
      head_ = reader->Head();
      // The connection before has not quite ended yet.
    } while (absl::StrContains(head_, "Retry-After: 1\r\n"));
    return reader;
  }
  static std::string At(uint64_t seq, uint64_t epoch = FakeEventLog::kEpoch) {
    return EncodeCursor({epoch, seq});
  }

  FakeEventLog log_;
  prometheus::Registry metrics_;
  std::unique_ptr<Hub> hub_;
  std::unique_ptr<SseStreams> streams_;
  std::unique_ptr<HttpServer> server_;
  std::string head_;
};

TEST_F(SseStreamsTest, BeginsWithTheCursorAndTheHead) {
  AddPart();
  const auto reader = Open("");
  EXPECT_THAT(head_, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(head_, HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_EQ(reader->Next(),
            absl::StrCat(": heartbeat head=1 lag=0\nid: ", At(1), "\n\n"));
}

TEST_F(SseStreamsTest, OldEventsComeFirstThenNewOnes) {
  AddPart();
  AddPart();
  const auto reader = Open("start=earliest");
  EXPECT_THAT(reader->NextSeqs(2), ElementsAre(1, 2));
  AddPart();
  EXPECT_THAT(reader->NextSeqs(1), ElementsAre(3));
}

TEST_F(SseStreamsTest, AnEventBringsItsOwnCursor) {
  AddPart();
  AddPart();
  const auto reader = Open("start=earliest");
  reader->Next();
  EXPECT_THAT(reader->Next(),
              StartsWith(absl::StrCat("id: ", At(1),
                                      "\nevent: dashly_conversation\n")));
}

TEST_F(SseStreamsTest, GoesOnAfterTheLastEventOfTheBrowser) {
  for (int i = 0; i < 3; ++i) AddPart();
  const auto reader =
      Open("start=earliest", absl::StrCat("Last-Event-ID: ", At(2), "\r\n"));
  EXPECT_THAT(reader->NextSeqs(1), ElementsAre(3));
}

TEST_F(SseStreamsTest, AFilterLetsThroughWhatItNames) {
  AddPart(777, "u2a");
  AddPart(777, "a2u");
  AddPart(777, "u2a");
  EXPECT_THAT(Open("start=earliest&directions=u2a")->NextSeqs(2),
              ElementsAre(1, 3));
}

TEST_F(SseStreamsTest, ARestrictedCallerSeesOnlyItsApps) {
  AddPart(888);
  AddPart(777);
  EXPECT_THAT(Open("start=earliest", "", "only-777-token")->NextSeqs(1),
              ElementsAre(2));
}

TEST_F(SseStreamsTest, WhatIsGoneIsTold) {
  for (int i = 0; i < 3; ++i) AddPart();
  log_.DropBefore(3);
  const auto reader = Open(absl::StrCat("cursor=", At(0)));
  reader->Next();
  EXPECT_THAT(reader->Next(), HasSubstr("event: gap\ndata: {\"first_seq\": "
                                        "\"1\", \"last_seq\": \"2\"}"));
  EXPECT_THAT(reader->NextSeqs(1), ElementsAre(3));
}

TEST_F(SseStreamsTest, SilenceIsBrokenByHeartbeats) {
  SseStreams::Options options;
  options.stream.heartbeat_interval = absl::Milliseconds(10);
  Start(options);
  const auto reader = Open("");
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(reader->Next(), StartsWith(": heartbeat"));
  }
}

TEST_F(SseStreamsTest, AnOldStreamEndsWithARecord) {
  SseStreams::Options options;
  options.stream.age_max = absl::Milliseconds(20);
  Start(options);
  AddPart();
  // From its end, so that the cursor is this one however soon it is old.
  const auto reader = Open("");
  std::string last;
  for (std::string next = reader->Next(); !next.empty();
       next = reader->Next()) {
    last = next;
  }
  EXPECT_THAT(last, HasSubstr(absl::StrCat("id: ", At(1), "\nevent: end\n")));
}

TEST_F(SseStreamsTest, ADrainEndsStreamsWithARecord) {
  const auto reader = Open("");
  reader->Next();
  std::thread end([this] { End(); });
  EXPECT_THAT(reader->Next(), HasSubstr("the gateway is stopping"));
  EXPECT_EQ(reader->Next(), "");
  end.join();
}

TEST_F(SseStreamsTest, WrongCallsAreRefusedByStatus) {
  Open("", "", "guess");
  EXPECT_THAT(head_, StartsWith("HTTP/1.1 401"));
  Open("app_ids=888", "", "only-777-token");
  EXPECT_THAT(head_, StartsWith("HTTP/1.1 403"));
  for (const auto& [query, name] : std::map<std::string, std::string>{
           {"nonsense=1", "ValidationError"},
           {"cursor=nonsense", "ValidationError"},
           {absl::StrCat("cursor=", At(1)), "CURSOR_AHEAD_OF_LOG"},
           {absl::StrCat("cursor=", At(0, 43)), "CURSOR_OF_ANOTHER_LOG"}}) {
    const auto reader = Open(query);
    EXPECT_THAT(head_, StartsWith("HTTP/1.1 400")) << query;
    EXPECT_THAT(reader->Refusal(), HasSubstr(absl::StrCat("\"", name, "\"")));
  }
}

// Streams have threads of their own: with two connections in all, six streams
// leave both to the webhooks.
TEST_F(SseStreamsTest, StreamsDoNotStarveWebhooks) {
  std::vector<std::unique_ptr<Reader>> readers;
  for (int i = 0; i < 6; ++i) {
    readers.push_back(Open(""));
    EXPECT_THAT(readers.back()->Next(), StartsWith(": heartbeat"));
  }
  std::string head;
  do {
    head = Reader(server_->port(), "/webhook", "Content-Length: 0\r\n", "POST")
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
  Reader stalled(server_->port(), "/v1/stream?start=earliest",
                 absl::StrCat("Authorization: Bearer ", kToken, "\r\n"), "GET",
                 4096);
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

TEST_F(SseStreamsTest, PagesOfAllowedOriginsMayRead) {
  SseStreams::Options options;
  options.cors_origins = {"https://panel.example"};
  Start(options);
  Open("", "Origin: https://panel.example\r\n");
  EXPECT_THAT(
      head_,
      HasSubstr("Access-Control-Allow-Origin: https://panel.example\r\n"));
  Reader asking(server_->port(), "/v1/stream",
                "Origin: https://panel.example\r\n"
                "Access-Control-Request-Headers: last-event-id\r\n",
                "OPTIONS");
  const std::string head = asking.Head();
  EXPECT_THAT(head, StartsWith("HTTP/1.1 204"));
  EXPECT_THAT(head, HasSubstr("Access-Control-Allow-Headers: last-event-id"));
}

TEST_F(SseStreamsTest, AHeadRequestOpensNoStream) {
  Reader reader(server_->port(), "/v1/stream",
                absl::StrCat("Authorization: Bearer ", kToken, "\r\n"), "HEAD");
  EXPECT_THAT(reader.Head(), HasSubstr("Content-Type: text/event-stream\r\n"));
}

}  // namespace
}  // namespace chatgate
