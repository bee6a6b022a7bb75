// Texts of a rule file that no gateway would take.
#include <string>

#include "absl/strings/str_cat.h"
#include "client/responder/rule_file.h"
#include "gtest/gtest.h"

namespace chatgate {
namespace {

std::string Problems(const std::string& text) {
  return std::string(ParseRules("r.txt", text).status().message());
}

// A rule with this `match` and, at line 3, `actions`.
std::string Rule(const std::string& match,
                 const std::string& actions = "actions { close {} }") {
  return absl::StrCat("rules { id: \"a\"\n match { ", match, " }\n", actions,
                      " }\n");
}

TEST(RuleTextTest, TextThatIsNotUtf8IsRefusedAtItsOwnLine) {
  const std::string cp1251 = "\xCF\xF0\xE8\xE2\xE5\xF2";
  const std::string why = " is not UTF-8: save the file as UTF-8";
  EXPECT_EQ(Problems(Rule("phrases: \"" + cp1251 + "\"",
                          "actions { note { body: \"" + cp1251 + "\" } }") +
                     "bot_name: \"" + cp1251 + "\"\n"),
            "r.txt:2: match.phrases[0]" + why +
                "\nr.txt:3: actions[0].note.body" + why +
                "\nr.txt:4: bot_name" + why);
  EXPECT_EQ(
      Problems(Rule("phrases: \"x\"", "actions { tag { name: \"\\xFF\" } }")),
      "r.txt:3: actions[0].tag.name" + why);
}

TEST(RuleTextTest, NulCharacterIsRefused) {
  EXPECT_EQ(Problems(Rule("phrases: \"x\\000\"",
                          "actions { reply { body: \"a\\x00\" "
                          "alternatives: \"b\\000\" } }") +
                     "bot_name: \"a\\000\"\n"),
            "r.txt:2: match.phrases[0] holds a NUL character\n"
            "r.txt:3: actions[0].reply.body holds a NUL character\n"
            "r.txt:3: actions[0].reply.alternatives[0] holds a NUL character\n"
            "r.txt:4: bot_name holds a NUL character");
}

TEST(RuleTextTest, TagsAndNamesHaveAtMost255Characters) {
  std::string name;
  for (int i = 0; i < 255; ++i) name += "я";
  const auto problems = [](const std::string& tag, const std::string& bot) {
    return Problems(
        Rule("phrases: \"x\"", "actions { tag { name: \"" + tag + "\" } }") +
        "bot_name: \"" + bot + "\"\n");
  };
  EXPECT_EQ(problems(name, name), "");
  EXPECT_EQ(problems(name + "x", name + "x"),
            "r.txt:3: a tag is 1 to 255 characters without a comma\n"
            "r.txt:4: bot_name has more than 255 characters");
}

TEST(RuleTextTest, ByteOrderMarkIsSkipped) {
  EXPECT_EQ(Problems("\xEF\xBB\xBF" + Rule("phrases: \"x\"")), "");
}

}  // namespace
}  // namespace chatgate
