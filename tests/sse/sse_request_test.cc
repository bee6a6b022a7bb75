#include "webhook/sse/sse_request.h"

#include "server/backend/error_table.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;

absl::StatusOr<v1::SubscribeRequest> Read(const std::string& query,
                                          const std::string& last_id = "") {
  HttpRequest request;
  request.query = query;
  if (!last_id.empty()) request.headers = {{"last-event-id", last_id}};
  return ReadSseRequest(request);
}

TEST(SseRequestTest, NothingBeginsAtTheEnd) {
  ASSERT_OK_AND_ASSIGN(const v1::SubscribeRequest request, Read(""));
  EXPECT_EQ(request.ByteSizeLong(), 0u);
}

TEST(SseRequestTest, ReadsEveryArgument) {
  ASSERT_OK_AND_ASSIGN(
      const v1::SubscribeRequest request,
      Read("start=earliest&include_raw=true&kinds=dashly_event,unrecognized&"
           "kinds=dashly_conversation&app_ids=777&conversations=dashly%3A5&"
           "user_ids=8,9&directions=u2a&part_types=reply_user"));
  EXPECT_EQ(request.start(), v1::START_EARLIEST);
  EXPECT_TRUE(request.include_raw());
  EXPECT_THAT(
      request.filter().kinds(),
      ElementsAre(v1::EVENT_KIND_DASHLY_EVENT, v1::EVENT_KIND_UNRECOGNIZED,
                  v1::EVENT_KIND_DASHLY_CONVERSATION));
  EXPECT_THAT(request.filter().app_ids(), ElementsAre(777));
  EXPECT_THAT(request.filter().conversations(), ElementsAre("dashly:5"));
  EXPECT_THAT(request.filter().user_ids(), ElementsAre("8", "9"));
  EXPECT_THAT(request.filter().directions(), ElementsAre("u2a"));
  EXPECT_THAT(request.filter().part_types(), ElementsAre("reply_user"));
}

TEST(SseRequestTest, ReadsATime) {
  ASSERT_OK_AND_ASSIGN(const v1::SubscribeRequest request,
                       Read("start_time=2026-11-22T00:00:00Z"));
  EXPECT_EQ(request.start_time().seconds(), 1'795'305'600);
}

// A browser comes again with the address that it first had.
TEST(SseRequestTest, TheLastEventStandsBeforeAnyStart) {
  for (const char* query :
       {"start=earliest", "cursor=old", "start_time=2026-11-22T00:00:00Z"}) {
    ASSERT_OK_AND_ASSIGN(const v1::SubscribeRequest request,
                         Read(query, "NEW"));
    EXPECT_EQ(request.cursor(), "NEW");
    EXPECT_EQ(request.start(), v1::START_UNSPECIFIED);
    EXPECT_FALSE(request.has_start_time());
  }
}

TEST(SseRequestTest, WrongArgumentsAreNamed) {
  for (const char* name : {"start", "start_time", "include_raw", "kinds",
                           "app_ids", "snapshot", "nonsense"}) {
    const auto request = Read(std::string(name) + "=?");
    EXPECT_THAT(request, StatusIs(absl::StatusCode::kInvalidArgument));
    ASSERT_EQ(FieldViolations(request.status()).size(), 1u);
    EXPECT_EQ(FieldViolations(request.status())[0].field, name);
  }
}

}  // namespace
}  // namespace chatgate
