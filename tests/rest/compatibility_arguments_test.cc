// Lines 1 to 6 and 14 of the list of what a compatible server honours: where
// arguments come from and how they are read. One test a line at least.
#include "absl/strings/str_cat.h"
#include "tests/rest/rest_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CompatibleArgumentsTest : public RestTest {
 protected:
  std::string Path(uint64_t conversation, absl::string_view rest) {
    return absl::StrCat("conversations/", conversation, rest);
  }
  std::string LastBody(uint64_t conversation) {
    return Parts(conversation)[0].body();
  }
};

TEST_F(CompatibleArgumentsTest, Line01ArgumentsComeFromFourPlaces) {
  const uint64_t id = StartConversation("hi");
  const std::string target =
      absl::StrCat("/v1/conversations/", id, "/reply?auth_token=", kToken);
  EXPECT_EQ(Request("POST", absl::StrCat(target, "&body=query")).status, 200);
  EXPECT_EQ(LastBody(id), "query");
  EXPECT_EQ(Request("POST", target, "body=form", kFormHeader).status, 200);
  EXPECT_EQ(LastBody(id), "form");
  EXPECT_EQ(Request("POST", target, R"({"body": "json"})", kJsonHeader).status,
            200);
  EXPECT_EQ(LastBody(id), "json");
  EXPECT_EQ(Request("POST", target,
                    "--b\r\nContent-Disposition: form-data; name=\"body\"\r\n"
                    "\r\nmultipart\r\n--b--\r\n",
                    "Content-Type: multipart/form-data; boundary=b\r\n")
                .status,
            200);
  EXPECT_EQ(LastBody(id), "multipart");
}

TEST_F(CompatibleArgumentsTest, Line01PlacesAreMerged) {
  const uint64_t id = StartConversation("hi");
  EXPECT_EQ(Request("POST",
                    absl::StrCat("/v1/", Path(id, "/reply"), "?auth_token=",
                                 kToken, "&type=note&body=query"),
                    "body=form", kFormHeader)
                .status,
            200);
  EXPECT_EQ(LastBody(id), "form");
  EXPECT_EQ(Parts(id)[0].type(), "note");
}

TEST_F(CompatibleArgumentsTest, Line01JsonTakesNativeValuesAndJsonText) {
  const RestAnswer native = PostJson(
      "users/u1/props",
      R"({"by_user_id": true, "operations": [{"op": "update_or_create",)"
      R"( "key": "a", "value": 1}]})");
  EXPECT_EQ(native.At("/meta/affected_props"), R"(["a"])") << native.body;
  const RestAnswer text =
      PostJson("users/u1/props",
               R"({"by_user_id": "true", "operations": "[{\"op\": \"add\",)"
               R"( \"key\": \"a\", \"value\": 2}]"})");
  EXPECT_EQ(text.At("/meta/affected_props"), R"(["a"])") << text.body;
  const RestAnswer event =
      PostJson("users/u1/events",
               R"({"by_user_id": true, "event": "e", "params": {"x": ["1"]}})");
  EXPECT_EQ(event.status, 200) << event.body;
  const uint64_t id = StartConversation("hi");
  EXPECT_EQ(PostJson(Path(id, "/assign"), R"({"admin": 111})").status, 200);
  EXPECT_EQ(PostJson(Path(id, "/assign"), R"({"admin": "222"})").status, 200);
  EXPECT_EQ(Conversation(id).assignee().id(), 222u);
}

TEST_F(CompatibleArgumentsTest, Line02TheTokenIsTakenFromFivePlaces) {
  const std::string token = absl::StrCat("auth_token=", kToken);
  const std::string path = "/v1/apps/777/channels";
  EXPECT_EQ(Request("GET", absl::StrCat(path, "?", token)).status, 200);
  EXPECT_EQ(Request("GET", path, token, kFormHeader).status, 200);
  EXPECT_EQ(
      Request("GET", path, absl::StrCat("{\"auth_token\": \"", kToken, "\"}"),
              kJsonHeader)
          .status,
      200);
  EXPECT_EQ(Request("GET", path,
                    absl::StrCat("--b\r\nContent-Disposition: form-data;"
                                 " name=\"auth_token\"\r\n\r\n",
                                 kToken, "\r\n--b--\r\n"),
                    "Content-Type: multipart/form-data; boundary=b\r\n")
                .status,
            200);
  for (const char* scheme : {"Token ", "Bearer ", "bearer  "}) {
    EXPECT_EQ(Request("GET", path, "",
                      absl::StrCat("Authorization: ", scheme, kToken, "\r\n"))
                  .status,
              200);
  }
}

TEST_F(CompatibleArgumentsTest, Line02AGetMayCarryEverythingInItsBody) {
  StartConversation("hi");
  const RestAnswer answer = Request(
      "GET", "/v1/apps/777/conversations",
      absl::StrCat("auth_token=", kToken, "&include_not_assigned=true&count=1"),
      kFormHeader);
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.At("/data/0/id"), "absent");
}

TEST_F(CompatibleArgumentsTest, Line03JsonWithAnEmptyBodyIsNoError) {
  const uint64_t id = StartConversation("hi");
  EXPECT_EQ(
      Request("GET", absl::StrCat("/v1/", Path(id, ""), "?auth_token=", kToken),
              "", kJsonHeader)
          .status,
      200);
  EXPECT_EQ(Request("POST",
                    absl::StrCat("/v1/", Path(id, "/reply"),
                                 "?auth_token=", kToken, "&body=x"),
                    "", absl::StrCat(kJsonHeader, "Content-Length: 0\r\n"))
                .status,
            200);
}

TEST_F(CompatibleArgumentsTest, Line04PathsComeInManySpellings) {
  for (const char* path :
       {"/v1/apps/777/channels", "/v1/apps/777/channels/", "/apps/777/channels",
        "/apps/777/channels/", "/v2/apps/777/channels",
        "/v1/apps/$self_app/channels", "/v1/apps/%24self_app/channels/",
        "/v1//apps/777/channels"}) {
    EXPECT_EQ(Request("GET", absl::StrCat(path, "?auth_token=", kToken)).status,
              200)
        << path;
  }
}

TEST_F(CompatibleArgumentsTest, Line04UserIdsMayBeTheSitesOwn) {
  for (const char* id : {"user-7216", "0b54c1b6-9d4c-4a53-9d4e-0a2f0c0f7a11",
                         "a%2Fb", "%D0%B8%D0%B2%D0%B0%D0%BD"}) {
    EXPECT_EQ(Post(absl::StrCat("users/", id, "/events"),
                   "by_user_id=true&event=seen")
                  .status,
              200);
    EXPECT_EQ(Get(absl::StrCat("users/", id), "by_user_id=true").status, 200);
  }
  EXPECT_EQ(Get("users/a%2Fb", "by_user_id=true").At("/data/user_id"),
            R"("a/b")");
}

TEST_F(CompatibleArgumentsTest, Line05OnlyFalseZeroAndNothingAreFalse) {
  StartConversation("hi");
  const auto listed = [this](absl::string_view word) {
    return Get("apps/777/conversations",
               absl::StrCat("include_not_assigned", word))
               .At("/data/0/id") != "absent";
  };
  for (const char* word : {"=true", "=1", "=yes", "=no", "=TRUE"}) {
    EXPECT_TRUE(listed(word)) << word;
  }
  for (const char* word : {"=false", "=False", "=FALSE", "=0", "=", ""}) {
    EXPECT_FALSE(listed(word)) << word;
  }
  EXPECT_EQ(Get("apps/777/conversations").At("/data"), "[]");  // The default.
}

TEST_F(CompatibleArgumentsTest,
       Line06FirstPagesClampedCountsAndUnknownArguments) {
  for (int i = 0; i < 52; ++i) StartConversation("hi");
  const std::string all = "include_not_assigned=true&";
  for (const char* after : {"after=0", "after=", "colour=red&x[]=1"}) {
    const RestAnswer page =
        Get("apps/777/conversations", absl::StrCat(all, "count=1000&", after));
    EXPECT_NE(page.At("/data/49/id"), "absent") << after;
    EXPECT_EQ(page.At("/data/50/id"), "absent") << after;
  }
  const RestAnswer page = Get("apps/777/conversations", all);
  EXPECT_NE(page.At("/data/19/id"), "absent");
  EXPECT_EQ(page.At("/data/20/id"), "absent");
}

TEST_F(CompatibleArgumentsTest, Line06TagsAreACommaListOrAJsonArray) {
  const uint64_t both = StartConversation("hi");
  const uint64_t one = StartConversation("hi");
  Post(Path(both, "/tag"), "action=add&tag=vip");
  Post(Path(both, "/tag"), "action=add&tag=b2b");
  Post(Path(one, "/tag"), "action=add&tag=vip");
  for (const char* tags : {"tags=vip,b2b", "tags=[\"vip\",\"b2b\"]",
                           "tags=%5B%22vip%22%2C%22b2b%22%5D"}) {
    const RestAnswer page = Get("apps/777/conversations",
                                absl::StrCat("include_not_assigned=1&", tags));
    EXPECT_EQ(page.At("/data/0/id"), absl::StrCat(both)) << tags << page.body;
    EXPECT_EQ(page.At("/data/1/id"), "absent");
  }
}

TEST_F(CompatibleArgumentsTest, Line14SpacesEmojiAndRawBytesSurvive) {
  const uint64_t id = StartConversation("hi");
  const auto body_of = [&](absl::string_view form) {
    EXPECT_EQ(Post(Path(id, "/reply"), form).status, 200);
    return LastBody(id);
  };
  EXPECT_EQ(body_of("body=a+b%20c"), "a b c");
  EXPECT_EQ(body_of("body=%F0%9F%91%8D"), "👍");
  EXPECT_EQ(body_of("body=привет 👍"), "привет 👍");
  EXPECT_EQ(body_of("body=1%2B1%26"), "1+1&");
  const RestAnswer json =
      PostJson(Path(id, "/reply"), R"({"body": "\ud83d\udc4d и 👍"})");
  EXPECT_EQ(json.status, 200);
  EXPECT_EQ(LastBody(id), "👍 и 👍");
  EXPECT_THAT(json.body, HasSubstr(R"(\ud83d\udc4d)"));
}

TEST_F(CompatibleArgumentsTest, Line14RawBracketsDollarsAndColonsAreAccepted) {
  EXPECT_EQ(Post("users/u/events", "by_user_id=1&event=$cart").status, 200);
  const RestAnswer answer =
      Get("users/u/events", "by_user_id=true&filter_name=$cart&x[]=a:b");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.At("/data/0/type/name"), R"("$cart")");
}

}  // namespace
}  // namespace chatgate
