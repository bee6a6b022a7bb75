#include "client/responder/literal_index.h"

#include <algorithm>
#include <random>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chatgate {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST(LiteralIndexTest, FindsWhatTheTextHolds) {
  const LiteralIndex index({"hello", "price", "ok", "o", "pri"});
  EXPECT_THAT(index.Find("the price, ok?"), UnorderedElementsAre(1, 2, 3, 4));
  EXPECT_THAT(index.Find(""), IsEmpty());
  EXPECT_THAT(index.Find("hell"), IsEmpty());
}

TEST(LiteralIndexTest, FindsTheSameOneOnce) {
  const LiteralIndex index({"abab"});
  EXPECT_THAT(index.Find("ababababab"), UnorderedElementsAre(0));
}

TEST(LiteralIndexTest, FindsNothingWithoutLiterals) {
  EXPECT_THAT(LiteralIndex({}).Find("hello"), IsEmpty());
}

TEST(LiteralIndexTest, LiteralsMayHoldAnyByte) {
  const LiteralIndex index({std::string("\0\0\0", 3), std::string("a\0b\0c", 5),
                            std::string("\0", 1)});
  EXPECT_THAT(index.Find(std::string("xa\0b\0cx", 7)),
              UnorderedElementsAre(1, 2));
  EXPECT_THAT(index.Find(std::string("\0\0\0\0", 4)),
              UnorderedElementsAre(0, 2));
}

TEST(LiteralIndexTest, AgreesWithAPlainSearch) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  const auto text_of = [&](size_t length) {
    std::string text;
    for (size_t i = 0; i < length; ++i) text += "abc"[random() % 3];
    return text;
  };
  for (int round = 0; round < 100; ++round) {
    std::set<std::string> distinct;
    for (int i = 0; i < 50; ++i) distinct.insert(text_of(1 + random() % 9));
    const std::vector<std::string> literals(distinct.begin(), distinct.end());
    const LiteralIndex index(literals);
    for (int i = 0; i < 20; ++i) {
      const std::string text = text_of(random() % 30);
      std::vector<int> expected;
      for (size_t l = 0; l < literals.size(); ++l) {
        if (absl::StrContains(text, literals[l])) {
          expected.push_back(static_cast<int>(l));
        }
      }
      EXPECT_THAT(index.Find(text),
                  ::testing::UnorderedElementsAreArray(expected));
    }
  }
}

// However alike the literals are, a long text is searched in reasonable time.
TEST(LiteralIndexTest, ManyThatAreAlikeInALongTextAreFound) {
  std::vector<std::string> literals;
  for (int i = 1; i <= 1'000; ++i) literals.emplace_back(i, 'a');
  const LiteralIndex index(literals);
  EXPECT_EQ(index.Find(std::string(64 << 10, 'a')).size(), 1'000u);
}

// More grams than any small table has room for.
TEST(LiteralIndexTest, HoldsAMillionLiterals) {
  std::vector<std::string> literals;
  for (int i = 0; i < 1'100'000; ++i) {
    std::string literal;
    for (int shift = 0; shift < 24; shift += 6) {
      literal += static_cast<char>('0' + (i >> shift & 63));
    }
    literals.push_back(std::move(literal));
  }
  const LiteralIndex index(literals);
  EXPECT_THAT(index.Find(literals[1'099'999]), UnorderedElementsAre(1'099'999));
  EXPECT_THAT(index.Find("!!!!"), IsEmpty());
}

}  // namespace
}  // namespace chatgate
