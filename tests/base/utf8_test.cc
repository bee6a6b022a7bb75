#include "server/base/utf8.h"

#include "gtest/gtest.h"

namespace chatgate {
namespace {

TEST(Utf8Test, TellsWellFormedTextFromBroken) {
  for (const char* text : {"", "a", "é", "€", "😀", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
  for (const char* text :
       {"\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80",
        "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF",
        "\xE2\x82", "a\xE2(\xA1"}) {
    EXPECT_FALSE(IsUtf8(text)) << text;
  }
}

TEST(Utf8Test, ReplacesOnlyBrokenBytes) {
  EXPECT_EQ(RepairUtf8("aé\xFF€\xC3"), "aé\uFFFD€\uFFFD");
  EXPECT_EQ(RepairUtf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
}

TEST(Utf8Test, CutsBetweenCharacters) {
  EXPECT_EQ(Utf8Prefix("aé", 3), "aé");
  EXPECT_EQ(Utf8Prefix("aé", 2), "a");
  EXPECT_EQ(Utf8Prefix("😀", 3), "");
}

TEST(Utf8Test, AppendsEveryLengthOfCharacter) {
  std::string text;
  for (const char32_t c : {U'a', U'é', U'€', U'😀'}) AppendUtf8(c, &text);
  EXPECT_EQ(text, "aé€😀");
}

}  // namespace
}  // namespace chatgate
