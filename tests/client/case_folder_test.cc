#include "client/responder/case_folder.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <map>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chatgate {
namespace {

// UTF-8 of a character that is no surrogate.
std::string Text(char32_t rune) {
  if (rune < 0x80) return {static_cast<char>(rune)};
  std::string text;
  for (int shift = rune < 0x800     ? 6
                   : rune < 0x10000 ? 12
                                    : 18;
       shift > 0; shift -= 6) {
    const unsigned high = rune >> shift;
    text += static_cast<char>(text.empty() ? (rune < 0x800     ? 0xc0 | high
                                              : rune < 0x10000 ? 0xe0 | high
                                                               : 0xf0 | high)
                                           : 0x80 | (high & 0x3f));
  }
  return text + static_cast<char>(0x80 | (rune & 0x3f));
}

bool IsSurrogate(char32_t rune) { return rune >= 0xd800 && rune <= 0xdfff; }

TEST(CaseFolderTest, VariantsBecomeOneLetter) {
  const CaseFolder folder({"Straße", "ΟΔΟΣ", "Привет"});
  EXPECT_EQ(folder.Fold("STRAẞE"), folder.Fold("straße"));
  EXPECT_EQ(folder.Fold("οδος"), folder.Fold("ΟΔΟΣ"));
  EXPECT_EQ(folder.Fold("ПРИВЕТ"), folder.Fold("привет"));
  EXPECT_EQ(folder.Fold("\u212aIO\u017fK"), "kiosk");
}

TEST(CaseFolderTest, WhatIsInNoLiteralIsNotKeptApart) {
  const CaseFolder folder({"ж"});
  EXPECT_EQ(folder.Fold("aЯ你b"),
            "a\xff\xff"
            "b");
}

TEST(CaseFolderTest, BytesThatAreNoUtf8AreForeign) {
  const CaseFolder folder({"ж"});
  EXPECT_EQ(folder.Fold("\xd0"
                        "a\xb6\xc0\xaf\xf8"),
            "\xff"
            "a\xff\xff\xff\xff");
  EXPECT_EQ(folder.Fold("\xd0\xb6"), "\xd0\xb6");
  EXPECT_EQ(folder.Fold("\xf0\x90\xd0\xb6"), "\xff\xff\xd0\xb6");
}

// All characters there are: two become one where RE2 takes one for the other.
TEST(CaseFolderTest, FoldsEveryCharacterAsRe2Does) {
  std::vector<std::string> all;
  for (char32_t rune = 1; rune <= 0x10ffff; ++rune) {
    // Nothing has case up there; one test of each plane's end is enough.
    if (rune == 0x1f000) rune = 0x10fff0;
    if (!IsSurrogate(rune)) all.push_back(Text(rune));
  }
  const CaseFolder folder(all);
  std::map<std::string, std::vector<std::string>> groups;
  for (const std::string& text : all) groups[folder.Fold(text)].push_back(text);
  RE2::Options options;
  options.set_case_sensitive(false);
  std::string everything;
  for (const std::string& text : all) everything += text;
  for (const auto& [folded, group] : groups) {
    // Most characters are alone, which the sum below shows.
    if (group.size() < 2) continue;
    const RE2 pattern("(" + RE2::QuoteMeta(group[0]) + ")", options);
    std::vector<std::string> same;
    re2::StringPiece rest(everything);
    re2::StringPiece found;
    while (RE2::FindAndConsume(&rest, pattern, &found)) {
      same.push_back(found.as_string());
    }
    EXPECT_EQ(group, same) << group[0];
  }
  // RE2 folds 2,800 letters into less than half of that.
  EXPECT_GT(all.size() - groups.size(), 1'350u);
}

// FilteredRE2 asks for lower-case texts. Where one letter's lower case were no
// variant of it, a text could be missed.
TEST(CaseFolderTest, LowerCaseOfFilteredRe2IsAVariant) {
  RE2::Options options;
  options.set_case_sensitive(false);
  std::vector<std::string> letters;
  const RE2 cased("[\\p{Lu}\\p{Ll}\\p{Lt}\\p{Nl}]");
  for (char32_t rune = 1; rune < 0x1f000; ++rune) {
    if (!IsSurrogate(rune) && RE2::FullMatch(Text(rune), cased)) {
      letters.push_back(Text(rune));
    }
  }
  const CaseFolder folder(letters);
  for (const std::string& letter : letters) {
    re2::FilteredRE2 filtered(0);
    int id = 0;
    ASSERT_EQ(filtered.Add(letter, options, &id), RE2::NoError);
    std::vector<std::string> atoms;
    filtered.Compile(&atoms);
    for (const std::string& atom : atoms) {
      EXPECT_EQ(folder.Fold(atom), folder.Fold(letter)) << letter;
    }
  }
}

}  // namespace
}  // namespace chatgate
