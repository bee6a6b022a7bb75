// Lines 7 to 9, 15 and 16: what every answer looks like.
#include "absl/strings/str_cat.h"
#include "tests/rest/rest_fixture.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CompatibleAnswersTest : public RestTest {
 protected:
  static void ExpectEnvelope(const RestAnswer& answer, int status) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.At("/meta/status"), absl::StrCat(status)) << answer.body;
    EXPECT_EQ(answer.Header("Content-Type"), "application/json");
    EXPECT_NE(answer.At("/data"), "absent");
    if (status != 200) {
      EXPECT_EQ(answer.At("/data"), "{}");
      EXPECT_NE(answer.At("/meta/error"), "absent");
      EXPECT_NE(answer.At("/meta/error_message"), "absent");
    }
  }
};

TEST_F(CompatibleAnswersTest, Line07EveryAnswerHasTheEnvelope) {
  const uint64_t id = StartConversation("hi");
  const std::string conversation = absl::StrCat("conversations/", id);
  ExpectEnvelope(Get(conversation), 200);
  ExpectEnvelope(Get("conversations/5555"), 400);
  ExpectEnvelope(Get("nothing/here"), 404);
  ExpectEnvelope(Request("GET", "/"), 404);
  ExpectEnvelope(Request("GET", absl::StrCat("/v1/", conversation)), 401);
  ExpectEnvelope(Get("apps/888/channels"), 403);
  ExpectEnvelope(Post(conversation), 405);
  ExpectEnvelope(PostJson("users/1/events", "{\"a\":"), 400);
  ExpectEnvelope(Request("POST", "/v1/users/1/events",
                         std::string((256 << 10) + 1, 'x'), kFormHeader),
                 413);
  ExpectEnvelope(Send("GET  HTTP/1.1\r\n\r\n"), 400);
  ExpectEnvelope(
      Send(absl::StrCat("GET /v1/", std::string(9000, 'a'), " HTTP/1.1\r\n")),
      414);
}

TEST_F(CompatibleAnswersTest, Line07ListsAreArraysButUsersAreAnObject) {
  StartConversation("hi", "u1");
  EXPECT_EQ(Get("apps/777/activeusers").At("/data"), "[]");
  EXPECT_EQ(Get("apps/777/channels").At("/data/0/id"), "5");
  const RestAnswer users = Get("apps/777/users");
  EXPECT_EQ(users.At("/data/total"), "1") << users.body;
  EXPECT_EQ(users.At("/data/users/0/user_id"), R"("u1")");
  const RestAnswer nobody =
      Get("apps/777/users",
          R"(filters={"filters":[{"type":"known","property_name":"nope"}]})");
  EXPECT_EQ(nobody.At("/data/users"), "[]") << nobody.body;
}

TEST_F(CompatibleAnswersTest, Line08WrongVerbsAre405WithAllow) {
  const RestAnswer answer = Get("conversations/1/reply");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.At("/meta/error"), R"("MethodNotAllowed")");
  EXPECT_EQ(answer.Header("Allow"), "POST, OPTIONS");
  const RestAnswer both = Request("PUT", "/v1/users/1/events");
  EXPECT_EQ(both.status, 405);
  EXPECT_EQ(both.Header("Allow"), "GET, HEAD, POST, OPTIONS");
}

TEST_F(CompatibleAnswersTest, Line08UnknownMethodsAreError404) {
  for (const char* path : {"apps/777/nothing", "users", "conversations/1/open",
                           "apps/777/channels/5", "v1/apps/777/channels"}) {
    const RestAnswer answer = Get(path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.At("/meta/error"), R"("Error404")") << path;
  }
}

TEST_F(CompatibleAnswersTest, Line09IdsAreNumbersUnlessAskedFor) {
  constexpr char kLast[] = "18446744073709551615";
  ASSERT_THAT(
      Webhook(absl::StrCat("id: 18446744073709551615 conversation: ", kLast,
                           " body: 'hi' type: 'reply_user' direction: "
                           "'u2a' sender { user_id: ",
                           kLast, " }")),
      IsOk());
  const std::string path = absl::StrCat("conversations/", kLast);
  const RestAnswer numbers = Get(path);
  EXPECT_EQ(numbers.At("/data/id"), kLast) << numbers.body;
  EXPECT_EQ(numbers.At("/data/user/id"), kLast);
  EXPECT_EQ(numbers.At("/data/part_last/from"), kLast);
  const RestAnswer text = Get(path, "id_as_string=true");
  EXPECT_EQ(text.At("/data/id"), absl::StrCat("\"", kLast, "\""));
  EXPECT_EQ(text.At("/data/part_last/from"), absl::StrCat("\"", kLast, "\""));
  EXPECT_EQ(Get(path, "id_as_string=false").At("/data/id"), kLast);
}

TEST_F(CompatibleAnswersTest, Line15ListedOriginsMayCall) {
  Restart(0, {"https://panel.example"});
  const std::string target =
      absl::StrCat("/v1/apps/777/channels?auth_token=", kToken);
  const RestAnswer listed =
      Request("GET", target, "", "Origin: https://panel.example\r\n");
  EXPECT_EQ(listed.Header("Access-Control-Allow-Origin"),
            "https://panel.example");
  const RestAnswer other =
      Request("GET", target, "", "Origin: https://evil.example\r\n");
  EXPECT_EQ(other.status, 200);
  EXPECT_EQ(other.Header("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(other.Header("Vary"), "Origin");
  // A page must be able to read why, too.
  EXPECT_EQ(
      Request("GET", "/v1/nothing", "", "Origin: https://panel.example\r\n")
          .Header("Access-Control-Allow-Origin"),
      "https://panel.example");
}

TEST_F(CompatibleAnswersTest, Line15OptionsAnswersTheBrowser) {
  Restart(0, {"https://panel.example"});
  const RestAnswer answer =
      Request("OPTIONS", "/v1/conversations/5/reply", "",
              "Origin: https://panel.example\r\n"
              "Access-Control-Request-Method: POST\r\n"
              "Access-Control-Request-Headers: authorization,x-mine\r\n");
  ExpectEnvelope(answer, 200);
  EXPECT_EQ(answer.Header("Access-Control-Allow-Methods"), "POST, OPTIONS");
  EXPECT_EQ(answer.Header("Access-Control-Allow-Headers"),
            "authorization,x-mine");
  const RestAnswer stranger = Request("OPTIONS", "/v1/conversations/5/reply",
                                      "", "Origin: https://evil.example\r\n");
  ExpectEnvelope(stranger, 200);
  EXPECT_EQ(stranger.Header("Access-Control-Allow-Methods"), "");
  EXPECT_EQ(Request("OPTIONS", "/v1/nothing").status, 404);
}

TEST_F(CompatibleAnswersTest, Line15WithoutOriginsNothingIsSaid) {
  const RestAnswer answer = Request("OPTIONS", "/v1/apps/777/channels", "",
                                    "Origin: https://panel.example\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.head, Not(HasSubstr("Access-Control")));
}

TEST_F(CompatibleAnswersTest, Line16MethodErrorsAre400) {
  const uint64_t id = StartConversation("hi");
  const std::string big(limits_.body_bytes_max + 1, 'x');
  const RestAnswer reply = Post(absl::StrCat("conversations/", id, "/reply"),
                                absl::StrCat("body=", big));
  ExpectEnvelope(reply, 400);
  EXPECT_EQ(reply.At("/meta/error"), R"("ReplyTooBig")");
  EXPECT_NE(reply.At("/meta/error_fields/body"), "absent");
}

TEST_F(CompatibleAnswersTest, Line16RepeatedTagsAreErrorsOnlyOutsideOfV1) {
  const uint64_t id = StartConversation("hi");
  const std::string path = absl::StrCat("conversations/", id, "/tag");
  const std::string later =
      absl::StrCat("/", path, "?auth_token=", kToken, "&tag=vip");

  ExpectEnvelope(Post(path, "action=delete&tag=vip"), 200);
  EXPECT_EQ(Request("DELETE", later).At("/meta/error"),
            R"("ConversationTagIsNotAssigned")");
  const RestAnswer added = Request("POST", later);  // `action` is `add`.
  ExpectEnvelope(added, 200);
  EXPECT_NE(added.At("/data/id"), "absent");
  EXPECT_EQ(Request("POST", later).At("/meta/error"),
            R"("ConversationTagAlreadyAssigned")");
  ExpectEnvelope(Request("POST", later), 400);
  ExpectEnvelope(Post(path, "action=add&tag=vip"), 200);
  ExpectEnvelope(Request("DELETE", later), 200);
  EXPECT_EQ(Conversation(id).tags_size(), 0);
}

TEST_F(CompatibleAnswersTest, Line16DeleteAndSilentActionAreUnknownInV1) {
  const uint64_t id = StartConversation("hi");
  const std::string path = absl::StrCat("conversations/", id, "/tag");
  const RestAnswer deleted = Request(
      "DELETE", absl::StrCat("/v1/", path, "?auth_token=", kToken, "&tag=vip"));
  ExpectEnvelope(deleted, 405);
  EXPECT_EQ(deleted.Header("Allow"), "POST, OPTIONS");
  EXPECT_NE(Post(path, "tag=vip").At("/meta/error_fields/action"), "absent");
}

}  // namespace
}  // namespace chatgate
