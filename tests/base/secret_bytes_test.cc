#include "server/base/secret_bytes.h"

#include <algorithm>
#include <fstream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace chatgate {
namespace {

// The flags of the mapping that holds `address`, as `rd mr mw dd`.
std::string FlagsOf(const void* address) {
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    const std::vector<std::string> ends =
        absl::StrSplit(line.substr(0, line.find(' ')), '-');
    uint64_t begin = 0;
    uint64_t end = 0;
    if (ends.size() == 2 && absl::SimpleHexAtoi(ends[0], &begin) &&
        absl::SimpleHexAtoi(ends[1], &end)) {
      const auto at = reinterpret_cast<uint64_t>(address);
      inside = begin <= at && at < end;
    } else if (inside && line.rfind("VmFlags:", 0) == 0) {
      return line;
    }
  }
  return "";
}

TEST(SecretBytesTest, KeepsWhatItWasGiven) {
  EXPECT_EQ(SecretBytes("s3cret").view(), "s3cret");
  EXPECT_EQ(SecretBytes("").view(), "");
  const std::string longer(10'000, 'x');
  EXPECT_EQ(SecretBytes(longer).view(), longer);
}

TEST(SecretBytesTest, ItsPagesAreNotDumped) {
  const SecretBytes secret("s3cret");
  EXPECT_NE(FlagsOf(secret.view().data()).find(" dd"), std::string::npos);
  const std::string text(100, 'x');
  EXPECT_EQ(FlagsOf(text.data()).find(" dd"), std::string::npos);
}

TEST(SecretBytesTest, AWipedTextIsEmptyAndLeavesNothing) {
  std::string text = "a secret that is not kept inside the string";
  const size_t size = text.size();
  const char* const bytes = text.data();
  WipeText(&text);
  EXPECT_TRUE(text.empty());
  // The memory is still the string's.
  EXPECT_EQ(std::count(bytes, bytes + size, '\0'),
            static_cast<ptrdiff_t>(size));
  text.resize(size, 'x');
  EXPECT_EQ(text.data(), bytes);  // It was wiped where it stood.
  text = "short";
  WipeText(&text);
  EXPECT_TRUE(text.empty());
}

}  // namespace
}  // namespace chatgate
