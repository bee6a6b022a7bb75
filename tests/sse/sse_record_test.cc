#include "webhook/sse/sse_record.h"

#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(SseRecordTest, AnEventIsOneRecordNamedAfterItsPayload) {
  v1::Event event;
  event.set_seq(5);
  event.set_app_id(uint64_t{1} << 63);
  event.mutable_dashly_conversation()->mutable_conversation()->set_body(
      "two\nlines: \xd0\x9f");
  const std::string text = EventRecordText("CURSOR", event);
  EXPECT_THAT(text, StartsWith("id: CURSOR\nevent: dashly_conversation\n"
                               "data: {"));
  // A bare line end would end the record.
  EXPECT_EQ(text.find("\n\n"), text.size() - 2);
  EXPECT_THAT(text, HasSubstr("two\\nlines: \\u041f"));
  // Browsers would round a number.
  EXPECT_THAT(text, HasSubstr("\"9223372036854775808\""));
}

TEST(SseRecordTest, AGapNamesWhatIsMissing) {
  EXPECT_EQ(GapRecordText("C", 2, 3),
            "id: C\nevent: gap\n"
            "data: {\"first_seq\": \"2\", \"last_seq\": \"3\"}\n\n");
}

TEST(SseRecordTest, AHeartbeatIsACommentThatMovesTheCursor) {
  EXPECT_EQ(HeartbeatRecordText("C", 9, 2),
            ": heartbeat head=9 lag=2\nid: C\n\n");
}

TEST(SseRecordTest, TheEndSaysWhyAndWhenToComeBack) {
  EXPECT_EQ(EndRecordText("C", "why", absl::Milliseconds(950)),
            "retry: 950\nid: C\nevent: end\n"
            "data: {\"reason\": \"why\", \"retry_ms\": 950}\n\n");
}

}  // namespace
}  // namespace chatgate
