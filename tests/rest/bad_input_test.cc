// Every argument of every method with what it must not be: the right error, the
// argument's own name, and nothing changed.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/rest/rest_fixture.h"

namespace chatgate {
namespace {

struct BadInput {
  const char* verb;
  const char* path;      // `{c}` is a conversation, `{u}` a user.
  std::string argument;  // The wrong one.
  const char* names;     // The field that `error_fields` names.
  const char* error = "ValidationError";
};

std::vector<BadInput> EveryBadInput() {
  const std::string long_name(256, 'x');
  const std::string deep = absl::StrCat("{\"a\":", std::string(500, '['),
                                        std::string(500, ']'), "}");
  std::vector<BadInput> inputs = {
      {"GET", "conversations/18446744073709551616", "", "conversation_id"},
      {"GET", "conversations/abc", "", "conversation_id"},
      {"GET", "conversations/-1", "", "conversation_id"},
      {"GET", "conversations/0", "", "conversation_id"},
      {"GET", "conversations/404", "", "", "LookupError"},
      {"GET", "users/404", "", "", "LookupError"},
      {"GET", "users/abc", "", "user_id"},
      {"GET", "users/%FF", "by_user_id=1", "user_id"},
      {"GET", "apps/777/conversations", "count=-1", "count"},
      {"GET", "apps/777/conversations", "count=many", "count"},
      {"GET", "apps/777/conversations", "after=many", "after"},
      {"GET", "apps/777/conversations", "assigned=18446744073709551616",
       "assigned"},
      {"GET", "apps/777/conversations", "channel=x", "channel"},
      {"GET", "apps/777/conversations", "tags=%FF", "tags"},
      {"GET", "apps/777/conversations", "tags=[1", "tags"},
      {"GET", "apps/777/users", "limit=-1", "limit"},
      {"GET", "apps/777/users", "offset=-1", "offset"},
      {"GET", "apps/777/users", "offset=1.5", "offset"},
      {"GET", "apps/777/users", "sort_order=up", "sort_order"},
      {"GET", "apps/777/users", "filters=5", "filters"},
      {"GET", "apps/777/users", "filters={\"a\":", "filters"},
      {"GET", "apps/777/users", absl::StrCat("filters=", deep), "filters"},
      {"GET", "conversations/{c}/parts", "count=-1", "count"},
      {"GET", "conversations/{c}/parts", "after=1.5", "after"},
      {"GET", "users/{u}/events", "count=-5", "count"},
      {"GET", "users/{u}/events", "after=x", "after"},
      {"GET", "users/{u}/conversations", "count=-5", "count"},
      {"GET", "users/{u}/conversations", "after=x", "after"},
      {"POST", "conversations/{c}/reply", "", "body"},
      {"POST", "conversations/{c}/reply", "body=x&validate_only=true",
       "validate_only"},
      {"POST", "conversations/{c}/reply", "body=%FF", "body"},
      {"POST", "conversations/{c}/reply", "body=x&from_admin=5", "from_admin"},
      {"POST", "conversations/{c}/reply", "body=x&from_admin=me", "from_admin"},
      {"POST", "conversations/{c}/reply", "body=x&from_user=5", "from_user"},
      {"POST", "conversations/{c}/reply", "body=x&type=shout", "type"},
      {"POST", "conversations/{c}/reply", "body=x&random_id=4294967296",
       "random_id"},
      {"POST", "conversations/{c}/reply", "body=x&auto_assign=5",
       "auto_assign"},
      {"POST", "conversations/{c}/reply",
       "body=x&auto_assign=111&auto_assign_random_id=-1",
       "auto_assign_random_id"},
      {"POST", "conversations/{c}/settyping", "from_admin=5", "from_admin"},
      {"POST", "conversations/{c}/settyping", "body=%FF", "body"},
      {"POST", "conversations/{c}/assign", "admin=5", "admin"},
      {"POST", "conversations/{c}/assign", "admin=18446744073709551616",
       "admin"},
      {"POST", "conversations/{c}/assign", "random_id=x", "random_id"},
      {"POST", "conversations/{c}/tag", "action=add", "tag"},
      {"POST", "conversations/{c}/tag", "tag=x", "action"},
      {"POST", "conversations/{c}/tag", "tag=x&action=paint", "action"},
      {"POST", "conversations/{c}/tag", "tag=a,b&action=add", "tag"},
      {"POST", "conversations/{c}/close", "from_admin=5", "from_admin"},
      {"POST", "users/{u}/events", "", "event"},
      {"POST", "users/{u}/events", "event=e&created=soon", "created"},
      {"POST", "users/{u}/events", "event=e&params=[1]", "params"},
      {"POST", "users/{u}/events", absl::StrCat("event=e&params=", deep),
       "params"},
      {"POST", "users/{u}/props", "", "operations"},
      {"POST", "users/{u}/props", "operations={}", "operations"},
      {"POST", "users/{u}/props", "operations=[5]", "operations[0]"},
      {"POST", "users/{u}/setpresence", "presence=offline", "presence"},
      {"POST", "users/{u}/setpresence", "", "presence"},
      {"POST", "users/{u}/sendmessage", "", "body"},
      {"POST", "users/{u}/sendmessage", "body=x&type=fax", "type"},
      {"POST", "users/{u}/startconversation", "", "body"},
      {"POST", "users/{u}/startconversation", "body=x&random_id=-1",
       "random_id"},
  };
  for (const char* argument : {"tag", "bot_name"}) {
    inputs.push_back(
        {"POST", "conversations/{c}/tag",
         absl::StrCat("action=add&tag=t&", argument, "=", long_name),
         argument});
  }
  inputs.push_back(
      {"POST", "users/{u}/events", absl::StrCat("event=", long_name), "event"});
  return inputs;
}

class BadInputTest : public RestTest {};

TEST_F(BadInputTest, EachIsNamedAndChangesNothing) {
  const uint64_t conversation = StartConversation("hi");
  const std::string user = absl::StrCat(Conversation(conversation).user().id());
  const size_t events = Events().size();
  for (const BadInput& input : EveryBadInput()) {
    const std::string path = absl::StrReplaceAll(
        input.path, {{"{c}", absl::StrCat(conversation)}, {"{u}", user}});
    SCOPED_TRACE(absl::StrCat(path, "?", input.argument.substr(0, 60)));
    const RestAnswer answer = std::string(input.verb) == "GET"
                                  ? Get(path, input.argument)
                                  : Post(path, input.argument);
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(answer.At("/meta/error"), absl::StrCat("\"", input.error, "\""));
    if (*input.names != '\0') {
      EXPECT_NE(answer.At(absl::StrCat("/meta/error_fields/", input.names)),
                "absent")
          << answer.body;
    }
    EXPECT_EQ(Events().size(), events);
  }
}

// The same from a JSON body, where types can be wrong in more ways.
TEST_F(BadInputTest, EachIsNamedInJsonToo) {
  const uint64_t id = StartConversation("hi");
  const std::string reply = absl::StrCat("conversations/", id, "/reply");
  struct Case {
    std::string path;
    std::string json;
    const char* names;
  };
  const std::string deep(50'000, '[');
  for (const Case& wrong : std::vector<Case>{
           {reply, R"({"body": {"a": 1}})", "body"},
           {reply, R"({"body": ["a"]})", "body"},
           {reply, R"({"body": "x", "random_id": -1})", "random_id"},
           {reply, R"({"body": "x", "auto_assign": 18446744073709551616})",
            "auto_assign"},
           {reply, absl::StrCat(R"({"body": )", deep, "}"), "body"},
           {reply, "{\"body\": \"\xff\"}", "body"},
           {"users/1/props", R"({"operations": {"op": "add"}})", "operations"},
           {"users/1/events", absl::StrCat(R"({"params": )", deep, "}"),
            "params"}}) {
    SCOPED_TRACE(wrong.json.substr(0, 60));
    const RestAnswer answer = PostJson(wrong.path, wrong.json);
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_NE(answer.At(absl::StrCat("/meta/error_fields/", wrong.names)),
              "absent")
        << answer.body;
  }
  EXPECT_EQ(Conversation(id).parts_count(), 1);
}

TEST_F(BadInputTest, BodiesThatCannotBeReadAreBadRequests) {
  for (const char* json : {"{", "[1]", "5", "{\"a\" 1}", "\"text\""}) {
    const RestAnswer answer = PostJson("users/1/events", json);
    EXPECT_EQ(answer.status, 400) << json;
    EXPECT_EQ(answer.At("/meta/error"), R"("BadRequest")") << json;
  }
}

}  // namespace
}  // namespace chatgate
