// Cursors of the REST form: a number that a client may keep as a double.
#include <cstdlib>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/rest/rest_fixture.h"

namespace chatgate {
namespace {

class CursorTest : public RestTest {
 protected:
  // `next_after` as it stands in the body.
  static std::string NextAfter(const RestAnswer& answer) {
    const size_t at = answer.body.find("\"next_after\": ");
    if (at == std::string::npos) return "absent";
    const size_t begin = at + 14;
    return answer.body.substr(begin, answer.body.find('}', begin) - begin);
  }

  // As a client spells the number that it has parsed.
  static std::string Respelled(absl::string_view number) {
    double value = 0;
    EXPECT_TRUE(absl::SimpleAtod(number, &value)) << number;
    for (int digits = 15; digits <= 17; ++digits) {
      const std::string text = absl::StrFormat("%.*g", digits, value);
      if (std::strtod(text.c_str(), nullptr) == value) return text;
    }
    return "";
  }

  // Reads a list to its end, a row a page, and counts each row.
  int Walk(const std::string& path, const std::string& query, bool respell) {
    std::set<std::string> ids;
    std::string after = "0";
    for (int page = 0; page < 50; ++page) {
      const RestAnswer answer =
          Get(path, absl::StrCat(query, "count=1&after=", after));
      EXPECT_EQ(answer.status, 200) << answer.body;
      const std::string id = answer.At("/data/0/id");
      EXPECT_TRUE(ids.insert(id).second) << id << " came twice";
      const std::string next = NextAfter(answer);
      if (next == "null") break;
      after = respell ? Respelled(next) : next;
    }
    return static_cast<int>(ids.size());
  }
};

// The clock stands still: all of them were changed in the same moment.
TEST_F(CursorTest, ConversationsOfOneMomentAreAllListedOnce) {
  for (int i = 0; i < 10; ++i) StartConversation("hi", "one");
  for (const bool respell : {true, false}) {
    EXPECT_EQ(
        Walk("apps/777/conversations", "include_not_assigned=1&", respell), 10);
    const std::string user = Get("users/one", "by_user_id=true").At("/data/id");
    EXPECT_EQ(Walk(absl::StrCat("users/", user, "/conversations"), "", respell),
              10);
  }
}

TEST_F(CursorTest, PartsAndEventsAreAllListedOnce) {
  const uint64_t id = StartConversation("hi", "one");
  for (int i = 0; i < 5; ++i) ASSERT_THAT(Reply(id, "x"), IsOk());
  EXPECT_EQ(Walk(absl::StrCat("conversations/", id, "/parts"), "", true), 6);
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(Post("users/e/events", "by_user_id=1&event=e").status, 200);
  EXPECT_EQ(Walk("users/e/events", "by_user_id=1&", true), 4);
}

TEST_F(CursorTest, ConversationsHaveFloatsPartsAndEventsIntegers) {
  const uint64_t id = StartConversation("hi", "one");
  StartConversation("again", "one");
  ASSERT_THAT(Reply(id, "x"), IsOk());
  EXPECT_NE(
      NextAfter(Get("apps/777/conversations", "include_not_assigned=1&count=1"))
          .find('.'),
      std::string::npos);
  const std::string parts =
      NextAfter(Get(absl::StrCat("conversations/", id, "/parts"), "count=1"));
  EXPECT_EQ(parts.find_first_not_of("0123456789"), std::string::npos) << parts;
}

TEST_F(CursorTest, AFullLastPageHasNoNext) {
  StartConversation("a");
  StartConversation("b");
  EXPECT_EQ(NextAfter(Get("apps/777/conversations",
                          "include_not_assigned=1&count=2")),
            "null");
}

TEST_F(CursorTest, WhatIsNoCursorIsNamed) {
  for (const char* after : {"abc", "-1", "1e400", "1.2.3", "5"}) {
    const RestAnswer answer =
        Get("apps/777/conversations", absl::StrCat("after=", after));
    EXPECT_EQ(answer.status, 400) << after;
    EXPECT_NE(answer.At("/meta/error_fields/after"), "absent") << answer.body;
  }
}

}  // namespace
}  // namespace chatgate
