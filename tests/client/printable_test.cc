#include "client/printable.h"

#include <string>

#include "gtest/gtest.h"

namespace chatgate {
namespace {

TEST(PrintableTest, TextOfEveryScriptStaysAsItIs) {
  for (const char* text :
       {"", "plain \"text\"", "привет", "שלום", "日本", "😀"}) {
    EXPECT_EQ(Printable(text), text);
  }
}

TEST(PrintableTest, ControlCharactersAreEscapes) {
  EXPECT_EQ(Printable("a\nb\r\t\x1b[2J\x7f"), "a\\nb\\x0d\\x09\\x1b[2J\\x7f");
  EXPECT_EQ(Printable(std::string("a\0b", 3)), "a\\x00b");
}

// U+009B is ESC [ to a terminal of eight bits.
TEST(PrintableTest, ControlCharactersBeyondAsciiAreEscapes) {
  EXPECT_EQ(Printable("\u0080\u009b2J\u009f\u00a0"),
            "\\u0080\\u009b2J\\u009f\u00a0");
  EXPECT_EQ(Printable("\u2028\u2029"), "\\u2028\\u2029");
}

TEST(PrintableTest, OverridesOfDirectionAreEscapes) {
  EXPECT_EQ(Printable("\u202a\u202b\u202c\u202d\u202e"),
            "\\u202a\\u202b\\u202c\\u202d\\u202e");
  EXPECT_EQ(Printable("\u2066\u2067\u2068\u2069"),
            "\\u2066\\u2067\\u2068\\u2069");
  EXPECT_EQ(Printable("\u2027\u202f\u2065\u206a"), "\u2027\u202f\u2065\u206a");
}

TEST(PrintableTest, BytesThatAreNoUtf8AreEscapes) {
  EXPECT_EQ(Printable("\x9b"
                      "2J\xcf\xf0"),
            "\\x9b2J\\xcf\\xf0");
}

TEST(PrintableTest, NoCharacterIsCutInTwo) {
  EXPECT_EQ(Printable("яя", 4), "яя");
  EXPECT_EQ(Printable("яя", 3), "я...");
  EXPECT_EQ(Printable("яя", 2), "я...");
  EXPECT_EQ(Printable("яя", 1), "...");
  EXPECT_EQ(Printable(std::string(1'001, 'x')),
            std::string(1'000, 'x') + "...");
}

}  // namespace
}  // namespace chatgate
