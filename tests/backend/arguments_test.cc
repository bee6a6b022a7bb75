#include "server/backend/arguments.h"

#include <string>

#include "chatgate/v1/chat_service.pb.h"
#include "server/backend/error_table.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::SizeIs;

TEST(PageSizeTest, ClampsToFifty) {
  EXPECT_THAT(PageSize(0), IsOkAndHolds(20));
  EXPECT_THAT(PageSize(1), IsOkAndHolds(1));
  EXPECT_THAT(PageSize(50), IsOkAndHolds(50));
  EXPECT_THAT(PageSize(51), IsOkAndHolds(50));
}

TEST(PageSizeTest, RefusesANegativeSize) {
  const absl::Status status = PageSize(-1).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FieldViolations(status)[0].field, "page_size");
}

TEST(RequireFieldsTest, NamesEveryFieldThatIsMissing) {
  v1::TagConversationRequest request;
  request.set_tag("vip");
  const absl::Status status =
      RequireFields(request, {"conversation_id", "action", "tag"});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  ASSERT_THAT(FieldViolations(status), SizeIs(2));
  EXPECT_EQ(FieldViolations(status)[0].field, "conversation_id");
  EXPECT_EQ(FieldViolations(status)[1].field, "action");
}

TEST(RequireFieldsTest, TakesFieldsThatAreSet) {
  v1::SetUserPropsRequest request;
  request.set_user_id("7");
  request.add_operations();
  EXPECT_THAT(RequireFields(request, {"user_id", "operations"}), IsOk());
}

TEST(RequireFieldsTest, RefusesAnEmptyList) {
  EXPECT_FALSE(RequireFields(v1::SetUserPropsRequest(), {"operations"}).ok());
}

TEST(RequestIdTest, TakesUpTo128Bytes) {
  v1::ReplyToConversationRequest request;
  EXPECT_THAT(RequestId(request), IsOkAndHolds(""));
  request.set_request_id(std::string(128, 'x'));
  EXPECT_THAT(RequestId(request), IsOkAndHolds(std::string(128, 'x')));
  request.set_request_id(std::string(129, 'x'));
  EXPECT_THAT(RequestId(request), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(RequestIdTest, IsEmptyWhereTheRequestHasNone) {
  EXPECT_THAT(RequestId(v1::GetUserRequest()), IsOkAndHolds(""));
}

TEST(ValidateOnlyTest, IsWhatTheRequestSays) {
  v1::ReplyToConversationRequest request;
  EXPECT_FALSE(ValidateOnly(request));
  request.set_validate_only(true);
  EXPECT_TRUE(ValidateOnly(request));
  EXPECT_FALSE(ValidateOnly(v1::GetUserRequest()));
}

TEST(MaxStalenessTest, IsZeroWhereNothingIsSaid) {
  EXPECT_THAT(MaxStaleness(v1::GetUserRequest()),
              IsOkAndHolds(absl::ZeroDuration()));
  EXPECT_THAT(MaxStaleness(v1::ReplyToConversationRequest()),
              IsOkAndHolds(absl::ZeroDuration()));
}

TEST(MaxStalenessTest, TakesUpToADay) {
  v1::GetUserRequest request;
  request.mutable_max_staleness()->set_nanos(500'000'000);
  EXPECT_THAT(MaxStaleness(request), IsOkAndHolds(absl::Milliseconds(500)));
  request.mutable_max_staleness()->set_seconds(24 * 3600);
  request.mutable_max_staleness()->set_nanos(0);
  EXPECT_THAT(MaxStaleness(request), IsOkAndHolds(absl::Hours(24)));
  request.mutable_max_staleness()->set_nanos(1);
  EXPECT_THAT(MaxStaleness(request),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(MaxStalenessTest, RefusesANegativeOne) {
  v1::GetUserRequest request;
  request.mutable_max_staleness()->set_nanos(-1);
  const absl::Status status = MaxStaleness(request).status();
  ASSERT_THAT(FieldViolations(status), SizeIs(1));
  EXPECT_EQ(FieldViolations(status)[0].field, "max_staleness");
}

TEST(MaxStalenessTest, RefusesWhatIsNoDuration) {
  constexpr struct {
    int64_t seconds;
    int32_t nanos;
  } kWrong[] = {{1, -1},
                {-1, 1},
                {0, 1'000'000'000},
                {0, -1'000'000'000},
                {INT64_MAX, INT32_MAX}};
  for (const auto& wrong : kWrong) {
    v1::GetUserRequest request;
    request.mutable_max_staleness()->set_seconds(wrong.seconds);
    request.mutable_max_staleness()->set_nanos(wrong.nanos);
    EXPECT_THAT(MaxStaleness(request),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         "max_staleness: is no duration"))
        << wrong.seconds << " s " << wrong.nanos << " ns";
  }
}

v1::ReplyToConversationRequest Reply(const std::string& body) {
  v1::ReplyToConversationRequest request;
  request.set_conversation_id(64558819);
  request.set_body(body);
  return request;
}

TEST(FingerprintTest, IgnoresTheRequestIdAndTheApp) {
  v1::ReplyToConversationRequest request = Reply("hello");
  request.set_request_id("a");
  request.set_app_id(777);
  EXPECT_EQ(Fingerprint(request), Fingerprint(Reply("hello")));
}

TEST(FingerprintTest, IgnoresHowItIsAsked) {
  v1::ReplyToConversationRequest checked = Reply("hello");
  checked.set_validate_only(true);
  EXPECT_EQ(Fingerprint(checked), Fingerprint(Reply("hello")));
  v1::GetUserRequest stale;
  stale.mutable_max_staleness()->set_seconds(5);
  EXPECT_EQ(Fingerprint(stale), Fingerprint(v1::GetUserRequest()));
}

TEST(FingerprintTest, DiffersWithTheContent) {
  EXPECT_NE(Fingerprint(Reply("hello")), Fingerprint(Reply("hallo")));
  v1::ReplyToConversationRequest absent = Reply("hello");
  v1::ReplyToConversationRequest zero = absent;
  zero.set_auto_assign(0);
  EXPECT_NE(Fingerprint(absent), Fingerprint(zero));
}

// A map has another order in each process.
TEST(FingerprintTest, DoesNotDependOnTheOrderOfAMap) {
  v1::TrackUserEventRequest forwards;
  v1::TrackUserEventRequest backwards;
  for (int i = 0; i < 100; ++i) {
    (*forwards.mutable_params()->mutable_fields())[std::to_string(i)]
        .set_number_value(i);
    (*backwards.mutable_params()->mutable_fields())[std::to_string(99 - i)]
        .set_number_value(99 - i);
  }
  EXPECT_EQ(Fingerprint(forwards), Fingerprint(backwards));
}

// Stored with a request_id, it must outlive the program that made it.
TEST(ContentKeyTest, DiffersAsTheFingerprintDoes) {
  v1::ReplyToConversationRequest checked = Reply("hello");
  checked.set_validate_only(true);
  checked.set_request_id("r-1");
  EXPECT_EQ(ContentKey(checked), ContentKey(Reply("hello")));
  EXPECT_NE(ContentKey(Reply("hello")), ContentKey(Reply("hallo")));
  const std::string large(1 << 20, 'x');
  EXPECT_EQ(ContentKey(Reply(large)), ContentKey(Reply(large)));
  EXPECT_NE(ContentKey(Reply(large)), ContentKey(Reply(large + "y")));
}

TEST(ContentKeyTest, IsShort) {
  EXPECT_EQ(ContentKey(v1::GetUserRequest()), "=");
  for (const size_t size : {10, 50, 60, 62, 63, 64, 65, 1'000'000}) {
    EXPECT_LE(ContentKey(Reply(std::string(size, 'x'))).size(), 65u) << size;
  }
}

TEST(FingerprintTest, IsTheSameForEver) {
  const std::string fingerprint = Fingerprint(Reply("hello"));
  ASSERT_EQ(fingerprint.size(), 32u);
  std::string hex;
  for (const char c : fingerprint.substr(0, 4)) {
    constexpr char kHex[] = "0123456789abcdef";
    hex += kHex[(c >> 4) & 0xF];
    hex += kHex[c & 0xF];
  }
  EXPECT_EQ(hex, "fb02fb43");
}

}  // namespace
}  // namespace chatgate
