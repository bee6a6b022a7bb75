#include "absl/strings/str_cat.h"
#include "tests/platform/platform_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class UsersTest : public PlatformTest {
 protected:
  absl::StatusOr<v1::GetUserResponse> Get(const std::string& arguments,
                                          uint64_t app = kApp) {
    return Ask<v1::GetUserResponse>(FromText<v1::GetUserRequest>(arguments),
                                    app);
  }
  uint64_t Lead(const std::string& site_id) {
    return Conversation(StartConversation("x", site_id)).user().id();
  }
  absl::StatusOr<v1::SetUserPropsResponse> Set(const std::string& site_id,
                                               const std::string& operations) {
    auto request = FromText<v1::SetUserPropsRequest>(operations);
    request.set_user_id(site_id);
    request.set_by_user_id(true);
    return Ask<v1::SetUserPropsResponse>(request);
  }
  absl::Status Presence(uint64_t user, const std::string& presence,
                        const std::string& session = "") {
    v1::SetUserPresenceRequest request;
    request.set_user_id(absl::StrCat(user));
    request.set_presence(presence);
    request.set_session(session);
    return Ask<v1::SetUserPresenceResponse>(request).status();
  }
  std::vector<uint64_t> Active() {
    const auto response =
        Ask<v1::ListActiveUsersResponse>(v1::ListActiveUsersRequest());
    EXPECT_THAT(response, IsOk());
    std::vector<uint64_t> ids;
    for (const v1::User& user : response->users()) ids.push_back(user.id());
    return ids;
  }
  absl::StatusOr<v1::TrackUserEventResponse> Track(
      const std::string& arguments) {
    return Ask<v1::TrackUserEventResponse>(
        FromText<v1::TrackUserEventRequest>(arguments));
  }
};

TEST_F(UsersTest, GetTakesTheInternalIdOrTheSites) {
  const uint64_t id = Lead("site-1");
  EXPECT_EQ(Get(absl::StrCat("user_id: '", id, "'"))->user().id(), id);
  EXPECT_EQ(Get("user_id: 'site-1' by_user_id: true")->user().id(), id);
  EXPECT_EQ(User(id).user_id(), "site-1");
  EXPECT_EQ(User(id).app(), kApp);
  EXPECT_EQ(User(id).presence(), "offline");
}

TEST_F(UsersTest, UnknownUsersAreLookupErrorsAndAreNotCreated) {
  EXPECT_THAT(Get("user_id: 'nobody' by_user_id: true"),
              FailsAs("LookupError"));
  EXPECT_THAT(Get("user_id: '5'"), FailsAs("LookupError"));
  EXPECT_THAT(Get("user_id: 'nobody'"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "user_id: must be an id, 1 to 2^64-1; GetUser with "
                       "by_user_id=true finds it by the site's own id"));
  EXPECT_THAT(Get(""), RefusesField("user_id"));
  EXPECT_EQ(Ask<v1::ListUsersResponse>(v1::ListUsersRequest())->total(), 0);
}

TEST_F(UsersTest, UserOfAnotherAppIsDenied) {
  const uint64_t id = Lead("site-1");
  EXPECT_THAT(Get(absl::StrCat("user_id: '", id, "'"), kOtherApp),
              FailsAs("PermissionDeniedError"));
  EXPECT_THAT(Get("user_id: 'site-1' by_user_id: true", kOtherApp),
              FailsAs("LookupError"));
}

TEST_F(UsersTest, SectionsComeOnlyWhenAskedFor) {
  const uint64_t id = Lead("v");
  ASSERT_THAT(Set("v",
                  "operations { op: 'update_or_create' key: 'color' value {"
                  " string_value: 'red' } }"
                  "operations { op: 'update_or_create' key: '$email' value {"
                  " string_value: 'a@b.c' } }"
                  "operations { op: 'update_or_create' key: 'age' value {"
                  " number_value: 7 } }"),
              IsOk());
  const v1::User plain = User(id);
  EXPECT_EQ(plain.props().fields().at("$email").string_value(), "a@b.c");
  EXPECT_EQ(plain.props().fields().at("$user_id").string_value(), "v");
  EXPECT_TRUE(plain.props().fields().count("$last_seen"));
  EXPECT_FALSE(plain.has_props_custom());
  EXPECT_FALSE(plain.has_email_status());

  const v1::User full = User(
      id, "props: false props_custom: true email_status: true events: true");
  EXPECT_FALSE(full.has_props());
  EXPECT_EQ(full.props_custom().fields().at("color").string_value(), "red");
  EXPECT_EQ(full.props_custom().fields().at("age").number_value(), 7);
  EXPECT_EQ(full.email_status().status(), "not_confirmed");
  EXPECT_EQ(User(id, "props_custom: true convert_props_types: false")
                .props_custom()
                .fields()
                .at("age")
                .string_value(),
            "7");
}

TEST_F(UsersTest, PresenceLastsTwoMinutesWithoutASignal) {
  const uint64_t id = Lead("v");
  ASSERT_THAT(Presence(id, "online"), IsOk());
  EXPECT_EQ(User(id).presence(), "online");
  EXPECT_THAT(Active(), ElementsAre(id));
  clock_.AdvanceTime(absl::Minutes(2) - absl::Milliseconds(1));
  EXPECT_EQ(User(id).presence(), "online");
  EXPECT_THAT(Active(), ElementsAre(id));
  clock_.AdvanceTime(absl::Milliseconds(2));
  EXPECT_EQ(User(id).presence(), "offline");
  EXPECT_FALSE(User(id, "presence_details: true").has_presence_details());
  EXPECT_THAT(Active(), IsEmpty());
}

TEST_F(UsersTest, ASignalOfATimeToComeIsNone) {
  const uint64_t id = Lead("v");
  ASSERT_THAT(Presence(id, "online"), IsOk());
  clock_.AdvanceTime(-absl::Hours(1));
  EXPECT_EQ(User(id).presence(), "offline");
  EXPECT_THAT(Active(), IsEmpty());
  ASSERT_THAT(Presence(id, "online"), IsOk());
  EXPECT_EQ(User(id).presence(), "online");
  EXPECT_THAT(Active(), ElementsAre(id));
}

TEST_F(UsersTest, SignalsKeepTheTimeOfArrival) {
  const uint64_t id = Lead("v");
  const int64_t arrived = absl::ToUnixSeconds(clock_.Now());
  for (int i = 0; i < 4; ++i) {
    ASSERT_THAT(Presence(id, "online"), IsOk());
    clock_.AdvanceTime(absl::Minutes(1));
  }
  EXPECT_EQ(User(id, "presence_details: true")
                .presence_details()
                .fields()
                .at("$active_since")
                .number_value(),
            static_cast<double>(arrived));
}

TEST_F(UsersTest, IdleIsNotActive) {
  const uint64_t id = Lead("v");
  ASSERT_THAT(Presence(id, "idle"), IsOk());
  EXPECT_EQ(User(id).presence(), "idle");
  EXPECT_THAT(Active(), IsEmpty());
}

TEST_F(UsersTest, PresenceChecksItsArguments) {
  const uint64_t id = Lead("v");
  EXPECT_THAT(Presence(id, "offline"), RefusesField("presence"));
  EXPECT_THAT(Presence(id, ""), RefusesField("presence"));
  EXPECT_THAT(Presence(id, "online", "short"), RefusesField("session"));
  EXPECT_THAT(Presence(id, "online", std::string(32, 'a')), IsOk());
  EXPECT_THAT(Presence(999, "online"), FailsAs("LookupError"));
}

TEST_F(UsersTest, TrackedEventIsCountedListedAndTold) {
  const uint64_t id = Lead("v");
  ASSERT_OK_AND_ASSIGN(
      const auto tracked,
      Track("user_id: 'v' by_user_id: true event: 'Bought' created: 100"
            " params { fields { key: 'n' value { number_value: 2 } } }"));
  EXPECT_EQ(tracked.event().type().name(), "Bought");
  EXPECT_EQ(tracked.event().user(), id);
  ASSERT_THAT(Track("user_id: 'v' by_user_id: true event: 'Bought'"), IsOk());

  const v1::Event told = Events()[1];
  EXPECT_EQ(told.dashly_event().event_name(), "Bought");
  EXPECT_EQ(told.dashly_event().user_id(), id);
  EXPECT_EQ(told.dashly_event().user().id(), id);
  EXPECT_EQ(told.dashly_event().event_id(), tracked.event().id());
  EXPECT_EQ(told.occurred_time().seconds(), 100);
  EXPECT_EQ(told.conversation(), "");

  const v1::User user = User(id, "events: true props_events: true");
  ASSERT_THAT(user.events(), SizeIs(1));
  EXPECT_EQ(user.events(0).count(), 2);
  EXPECT_EQ(user.events(0).first(), 100);
  EXPECT_EQ(user.events(0).last(), absl::ToUnixSeconds(clock_.Now()));
  const std::string key = absl::StrCat("$event_", tracked.event().type().id());
  EXPECT_EQ(user.props_events().fields().at(key + "_count").number_value(), 2);
  EXPECT_EQ(user.props_events().fields().at(key + "_first").string_value(),
            "1970-01-01T00:01:40");
}

TEST_F(UsersTest, EventsAreListedNewestFirstAndByName) {
  const uint64_t id = Lead("v");
  for (const char* name : {"A", "B", "A"}) {
    ASSERT_THAT(Track(absl::StrCat("user_id: '", id, "' event: '", name, "'")),
                IsOk());
  }
  v1::ListUserEventsRequest request;
  request.set_user_id("v");
  request.set_by_user_id(true);
  request.set_page_size(2);
  ASSERT_OK_AND_ASSIGN(auto page, Ask<v1::ListUserEventsResponse>(request));
  ASSERT_THAT(page.events(), SizeIs(2));
  EXPECT_EQ(page.events(0).type().name(), "A");
  EXPECT_EQ(page.events(1).type().name(), "B");
  request.set_page_token(page.next_page_token());
  ASSERT_OK_AND_ASSIGN(page, Ask<v1::ListUserEventsResponse>(request));
  EXPECT_THAT(page.events(), SizeIs(1));
  EXPECT_EQ(page.next_page_token(), "");

  request.clear_page_token();
  request.set_filter_name("A");
  EXPECT_THAT(Ask<v1::ListUserEventsResponse>(request)->events(), SizeIs(2));
  request.set_filter_name("never");
  EXPECT_THAT(Ask<v1::ListUserEventsResponse>(request)->events(), IsEmpty());
  request.set_user_id("nobody");
  EXPECT_THAT(Ask<v1::ListUserEventsResponse>(request), FailsAs("LookupError"));
}

TEST_F(UsersTest, TrackCreatesThePersonBehindASiteId) {
  ASSERT_THAT(Track("user_id: 'new' by_user_id: true event: 'E'"), IsOk());
  EXPECT_THAT(Get("user_id: 'new' by_user_id: true"), IsOk());
}

TEST_F(UsersTest, TrackChecksItsArgumentsAndCreatesNobody) {
  const std::string user = "user_id: 'new' by_user_id: true ";
  EXPECT_THAT(Track(user), RefusesField("event"));
  EXPECT_THAT(Track(absl::StrCat(user, "event: '", std::string(256, 'x'), "'")),
              RefusesField("event"));
  // Deeper than what readers of the stream could parse.
  std::string deep = "number_value: 1";
  for (int i = 0; i < 25; ++i) {
    deep =
        absl::StrCat("struct_value { fields { key: 'n' value {", deep, "}}}");
  }
  EXPECT_THAT(Track(absl::StrCat(user, "event: 'E' params { fields { key: 'n' ",
                                 "value {", deep, "}}}")),
              RefusesField("params"));
  EXPECT_THAT(Track(user + "event: 'E' created: -1"), RefusesField("created"));
  for (const char* late : {"253402300800", "9223372036854775807"}) {
    EXPECT_THAT(Track(absl::StrCat(user, "event: 'E' created: ", late)),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         "created: must be seconds since 1970, at most "
                         "253402300799"));
  }
  EXPECT_THAT(Track(user + "event: 'E' params { fields { key: '' value {"
                           " number_value: 1 } } }"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "params: has a key that is empty, longer than 255 "
                       "characters, or holds NUL or what is not UTF-8"));
  EXPECT_THAT(Track(user + "event: 'E' params { fields { key: 'n' value {"
                           " number_value: inf } } }"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "params.n: is no finite number"));
  EXPECT_THAT(Track(user + "event: 'E' params { fields { key: 'n' value {"
                           " number_value: 1e300 } } }"),
              RefusesField("params.n"));
  EXPECT_THAT(Track(absl::StrCat(user,
                                 "event: 'E' params { fields { key: 'n' value"
                                 " { struct_value { fields { key: 'x' value {"
                                 " string_value: '",
                                 std::string(70'000, 'x'), "' } } } } } }")),
              RefusesField("params"));
  EXPECT_THAT(Get("user_id: 'new' by_user_id: true"), FailsAs("LookupError"));
  EXPECT_THAT(Events(), IsEmpty());
}

TEST_F(UsersTest, NamesOfEventsAreLimited) {
  limits_.event_types_max = 2;
  Reopen();
  const std::string user = "user_id: 'v' by_user_id: true ";
  EXPECT_THAT(Track(user + "event: 'A'"), IsOk());
  EXPECT_THAT(Track(user + "event: 'B'"), IsOk());
  EXPECT_THAT(Track(user + "event: 'C'"), RefusesField("event"));
  EXPECT_THAT(Track(user + "event: 'A'"), IsOk());
}

}  // namespace
}  // namespace chatgate
