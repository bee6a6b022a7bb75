// What a stream says, to whom, and how it ends.
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/sse/sse_streams_fixture.h"

namespace chatgate {
namespace {

using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

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

// What was read before it is not lost with it, and nobody asks again at once.
TEST_F(SseStreamsTest, ADamagedEventEndsTheStreamBehindTheSoundOnes) {
  for (int i = 0; i < 4; ++i) AddPart();
  log_.Damage(3);
  const auto reader = Open("start=earliest");
  EXPECT_THAT(reader->NextSeqs(2), ElementsAre(1, 2));
  const std::string end = reader->Next();
  EXPECT_THAT(end, HasSubstr(absl::StrCat("id: ", At(2), "\nevent: end\n")));
  EXPECT_THAT(end, HasSubstr("a stored event is damaged"));
  EXPECT_THAT(end, ContainsRegex("retry_ms\": [0-9]{5}}"));
  EXPECT_EQ(reader->Next(), "");
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

TEST_F(SseStreamsTest, PagesOfAllowedOriginsMayRead) {
  SseStreams::Options options;
  options.cors_origins = {"https://panel.example"};
  Start(options);
  Open("", "Origin: https://panel.example\r\n");
  EXPECT_THAT(
      head_,
      HasSubstr("Access-Control-Allow-Origin: https://panel.example\r\n"));
  SseReader asking(server_->port(), "/v1/stream",
                   "Origin: https://panel.example\r\n"
                   "Access-Control-Request-Headers: last-event-id\r\n",
                   "OPTIONS");
  const std::string head = asking.Head();
  EXPECT_THAT(head, StartsWith("HTTP/1.1 204"));
  EXPECT_THAT(head, HasSubstr("Access-Control-Allow-Headers: last-event-id"));
}

TEST_F(SseStreamsTest, AHeadRequestOpensNoStream) {
  SseReader reader(server_->port(), "/v1/stream",
                   absl::StrCat("Authorization: Bearer ", kToken, "\r\n"),
                   "HEAD");
  EXPECT_THAT(reader.Head(), HasSubstr("Content-Type: text/event-stream\r\n"));
}

}  // namespace
}  // namespace chatgate
