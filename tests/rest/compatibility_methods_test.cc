// Lines 10 to 13 and 17: what the methods do for clients that exist.
#include "absl/strings/str_cat.h"
#include "tests/rest/rest_fixture.h"

namespace chatgate {
namespace {

class CompatibleMethodsTest : public RestTest {};

TEST_F(CompatibleMethodsTest, Line10ChangesCreateUnknownUsersAndReadsDoNot) {
  const std::string by_user_id = "by_user_id=true";
  EXPECT_EQ(
      Post(
          "users/a/props",
          R"(by_user_id=true&operations=[{"op":"set_once","key":"k","value":"v"}])")
          .status,
      200);
  EXPECT_EQ(Post("users/b/events", "by_user_id=true&event=e").status, 200);
  EXPECT_EQ(Post("users/c/startconversation", "by_user_id=true&body=hi").status,
            200);
  for (const char* id : {"a", "b", "c"}) {
    EXPECT_EQ(Get(absl::StrCat("users/", id), by_user_id).At("/data/user_id"),
              absl::StrCat("\"", id, "\""));
  }
  EXPECT_EQ(Get("users/d", by_user_id).At("/meta/error"), R"("LookupError")");
  EXPECT_EQ(Get("users/d", by_user_id).status, 400);
  const RestAnswer message =
      Post("users/99/sendmessage", "by_user_id=true&body=hi");
  EXPECT_EQ(message.status, 400);
  EXPECT_EQ(message.At("/meta/error"), R"("LookupError")");
}

TEST_F(CompatibleMethodsTest, Line11PropsSayWhatBecameOfEach) {
  const auto props = [this](absl::string_view operations) {
    return Post("users/a/props",
                absl::StrCat("by_user_id=true&operations=", operations));
  };
  const std::string set =
      R"([{"op":"update_or_create","key":"k","value":"v"}])";
  EXPECT_EQ(props(set).At("/meta/affected_props"), R"(["k"])");
  const RestAnswer again = props(set);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.At("/meta/affected_props"), "[]");
  EXPECT_EQ(again.At("/meta/not_changed_props"), R"(["k"])");
  const RestAnswer ignored = props(R"([{"op":"no_such","key":"k","value":1}])");
  EXPECT_EQ(ignored.status, 200);
  EXPECT_EQ(ignored.At("/meta/ignored_operations/0/op"), R"("no_such")");
}

TEST_F(CompatibleMethodsTest, Line11AtMost250Operations) {
  const auto many = [this](int count) {
    std::string operations = "[";
    for (int i = 0; i < count; ++i) {
      absl::StrAppend(&operations, i > 0 ? "," : "",
                      R"({"op":"add","key":"n","value":1})");
    }
    return Post("users/a/props",
                absl::StrCat("by_user_id=1&operations=", operations, "]"));
  };
  EXPECT_EQ(many(250).status, 200);
  const RestAnswer refused = many(251);
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.At("/meta/error_fields/operations"), "absent");
}

TEST_F(CompatibleMethodsTest, Line12UnassignedConversationsAreLeftOut) {
  const uint64_t id = StartConversation("hi");
  EXPECT_EQ(Get("apps/777/conversations").At("/data"), "[]");
  EXPECT_EQ(Get("apps/777/conversations", "include_not_assigned=true")
                .At("/data/0/id"),
            absl::StrCat(id));
  Assign(id, 111);
  EXPECT_EQ(Get("apps/777/conversations").At("/data/0/id"), absl::StrCat(id));
}

TEST_F(CompatibleMethodsTest, Line12PartsComeNewestFirstWithStableIds) {
  const uint64_t id = StartConversation("first");
  const std::string path = absl::StrCat("conversations/", id);
  const std::string second =
      Post(absl::StrCat(path, "/reply"), "body=second").At("/data/id");
  const RestAnswer parts = Get(absl::StrCat(path, "/parts"));
  EXPECT_EQ(parts.At("/data/0/id"), second);
  EXPECT_EQ(parts.At("/data/0/body"), R"("second")");
  EXPECT_EQ(parts.At("/data/1/body"), R"("first")");
  EXPECT_EQ(Get(absl::StrCat(path, "/parts")).body, parts.body);
}

TEST_F(CompatibleMethodsTest, Line13RepliesComeFromWhomTheCallerSays) {
  const uint64_t id = StartConversation("hi");
  const auto reply = [&](absl::string_view form) {
    return Post(absl::StrCat("conversations/", id, "/reply"),
                absl::StrCat("body=x&", form));
  };
  EXPECT_EQ(reply("from_user=true").At("/data/type"), R"("reply_user")");
  EXPECT_EQ(reply("from_user=default_user").At("/data/type"),
            R"("reply_user")");
  const std::string user = reply("from_user=true").At("/data/from");
  EXPECT_EQ(reply(absl::StrCat("from_user=", user)).At("/data/from"), user);
  EXPECT_EQ(reply("from_admin=111").At("/data/from/id"), "111");
  EXPECT_EQ(reply("from_admin=default_admin").At("/data/from/type"),
            R"("default_admin")");
  EXPECT_EQ(reply("").At("/data/from/name"), R"("Bot")");
  EXPECT_EQ(reply("type=note").At("/data/type"), R"("note")");
  EXPECT_EQ(reply("type=reply_admin").At("/data/type"), R"("reply_admin")");
  EXPECT_EQ(PostJson(absl::StrCat("conversations/", id, "/reply"),
                     R"({"body": "x", "from_user": true})")
                .At("/data/type"),
            R"("reply_user")");
}

TEST_F(CompatibleMethodsTest, Line13AutoAssignMakesTwoParts) {
  const uint64_t id = StartConversation("hi");
  const RestAnswer answer =
      Post(absl::StrCat("conversations/", id, "/reply"),
           "body=x&from_admin=111&auto_assign=111&random_id=7");
  EXPECT_EQ(answer.At("/data/type"), R"("reply_admin")") << answer.body;
  EXPECT_EQ(answer.At("/data/random_id"), "7");
  EXPECT_EQ(answer.At("/data/assign_part/type"), R"("assigned")");
  EXPECT_EQ(answer.At("/data/assign_part/assignee/id"), "111");
  EXPECT_EQ(Parts(id).size(), 3u);
}

TEST_F(CompatibleMethodsTest, Line17TypedClientsFindWhatTheyExpect) {
  const uint64_t id = StartConversation("hi");
  const RestAnswer answer = Get(absl::StrCat("conversations/", id));
  EXPECT_EQ(answer.At("/data/type"), R"("popup_chat")");
  EXPECT_EQ(answer.At("/data/reply_type"), R"("text")");
  EXPECT_EQ(answer.At("/data/message"), "null");
  EXPECT_EQ(answer.At("/data/assignee"), "null");
  EXPECT_EQ(answer.At("/data/tags"), "[]");
  EXPECT_EQ(answer.At("/data/created"), "1700000000");
  EXPECT_EQ(answer.At("/data/last_update"), "1700000000");
  EXPECT_EQ(answer.At("/data/part_last/created"), "1700000000");
}

}  // namespace
}  // namespace chatgate
