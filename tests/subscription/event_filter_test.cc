#include "server/subscription/event_filter.h"

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

class EventFilterTest : public ::testing::Test {
 protected:
  absl::StatusOr<EventFilter> Compile(const Caller& caller = {}) {
    return EventFilter::Compile(filter_, caller, {777, 888});
  }
  bool Matches(const Caller& caller = {}) {
    return Compile(caller)->Matches(traits_);
  }

  v1::EventFilter filter_;
  EventTraits traits_{777,        v1::EVENT_KIND_DASHLY_CONVERSATION,
                      "dashly:1", "85648207",
                      "u2a",      "reply_user"};
};

TEST_F(EventFilterTest, TheEmptyOneLetsEverythingThrough) {
  EXPECT_TRUE(Matches());
  traits_ = {};
  EXPECT_TRUE(Matches());
}

TEST_F(EventFilterTest, AListMatchesByOneEntry) {
  filter_.add_conversations("dashly:2");
  EXPECT_FALSE(Matches());
  filter_.add_conversations("dashly:1");
  EXPECT_TRUE(Matches());
}

TEST_F(EventFilterTest, EveryListMustMatch) {
  filter_.add_kinds(v1::EVENT_KIND_DASHLY_CONVERSATION);
  filter_.add_user_ids("85648207");
  filter_.add_directions("u2a");
  filter_.add_part_types("reply_user");
  filter_.add_app_ids(777);
  EXPECT_TRUE(Matches());
  traits_.part_type = "note";
  EXPECT_FALSE(Matches());
}

TEST_F(EventFilterTest, AKindWithoutDirectionMatchesNoDirection) {
  filter_.add_directions("u2a");
  filter_.add_directions("a2u");
  traits_.direction.clear();
  EXPECT_FALSE(Matches());
}

TEST_F(EventFilterTest, ARestrictedCallerSeesOnlyItsApps) {
  EXPECT_TRUE(Matches({"a", v1::READER, {777}}));
  EXPECT_FALSE(Matches({"a", v1::READER, {888}}));
}

TEST_F(EventFilterTest, AnAppOfOthersAndOneThatIsNotThereAreDeniedAlike) {
  const Caller caller{"a", v1::READER, {777}};
  filter_.add_app_ids(888);
  const absl::Status others = Compile(caller).status();
  filter_.set_app_ids(0, 999);
  const absl::Status missing = Compile(caller).status();
  EXPECT_THAT(others, StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(missing, StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(EventFilterTest, TooManyEntriesAreRefused) {
  for (int i = 0; i < 1000; ++i) filter_.add_user_ids(absl::StrCat(i));
  EXPECT_THAT(Compile(), IsOk());
  filter_.add_user_ids("one more");
  EXPECT_THAT(Compile(), StatusIs(absl::StatusCode::kInvalidArgument));
}

// A stream keeps them for as long as it lives.
TEST_F(EventFilterTest, LongTextsAreRefused) {
  filter_.add_user_ids(std::string(256, '1'));
  filter_.add_part_types(std::string(256, 'x'));
  EXPECT_THAT(Compile(), IsOk());
  filter_.add_part_types(std::string(257, 'x'));
  const absl::Status status = Compile().status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(status.message()),
              testing::StartsWith("filter.part_types[1]: "));
}

TEST_F(EventFilterTest, TextsOfOver64KibibytesInAllAreRefused) {
  for (int i = 0; i < 128; ++i) {
    filter_.add_user_ids(std::string(256, '1'));
    filter_.add_part_types(std::string(256, 'x'));
  }
  EXPECT_THAT(Compile(), IsOk());
  filter_.add_part_types("x");
  EXPECT_THAT(Compile(), StatusIs(absl::StatusCode::kInvalidArgument));
}

// It would wait for ever.
TEST_F(EventFilterTest, AConversationWithoutItsPlatformIsRefused) {
  filter_.add_conversations("dashly:64558819");
  filter_.add_conversations("64558819");
  const absl::Status status = Compile().status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(status.message()),
              testing::StartsWith("filter.conversations[1]: "));
}

TEST_F(EventFilterTest, UnknownKindsAreRefused) {
  filter_.add_kinds(static_cast<v1::EventKind>(99));
  EXPECT_THAT(Compile(), StatusIs(absl::StatusCode::kInvalidArgument));
  filter_.set_kinds(0, v1::EVENT_KIND_UNSPECIFIED);
  EXPECT_THAT(Compile(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(EventFilterTest, UnknownDirectionsAreRefused) {
  filter_.add_directions("both");
  EXPECT_THAT(Compile(), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace chatgate
