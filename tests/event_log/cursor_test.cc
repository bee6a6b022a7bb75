#include "server/event_log/cursor.h"

#include <limits>
#include <set>
#include <string>

#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::MatchesRegex;

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

TEST(CursorTest, ComesBackAsItWasEncoded) {
  for (const Cursor cursor : {Cursor{1, 0}, Cursor{kMax, kMax}, Cursor{5, 7}}) {
    EXPECT_THAT(DecodeCursor(EncodeCursor(cursor)), IsOkAndHolds(cursor));
  }
}

TEST(CursorTest, TextGoesIntoAnUrlAsItIs) {
  EXPECT_THAT(EncodeCursor({kMax, kMax}), MatchesRegex("[A-Za-z0-9_-]{28}"));
}

// Clients keep cursors for years: the form is fixed.
TEST(CursorTest, TextIsTheSameForEver) {
  EXPECT_EQ(EncodeCursor({0x0123456789abcdef, 42}),
            "AQEjRWeJq83vAAAAAAAAACq4cCJz");
}

TEST(CursorTest, EveryDigitComesBack) {
  for (uint64_t seq = 0; seq < 4096; ++seq) {
    const Cursor cursor = {1, seq};
    EXPECT_THAT(DecodeCursor(EncodeCursor(cursor)), IsOkAndHolds(cursor));
  }
}

TEST(CursorTest, EveryBitComesBack) {
  for (int bit = 0; bit < 64; ++bit) {
    const Cursor cursor = {uint64_t{1} << bit, kMax >> bit};
    EXPECT_THAT(DecodeCursor(EncodeCursor(cursor)), IsOkAndHolds(cursor));
    EXPECT_THAT(DecodeEventId(EncodeEventId(cursor)), IsOkAndHolds(cursor));
  }
}

TEST(CursorTest, EveryChangedLetterIsFound) {
  const std::string good = EncodeCursor({77, 1000});
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    EXPECT_THAT(DecodeCursor(bad), StatusIs(absl::StatusCode::kInvalidArgument))
        << bad;
  }
}

TEST(CursorTest, OtherTextIsInvalid) {
  const std::string good = EncodeCursor({77, 1000});
  for (const std::string& bad :
       {std::string(), good.substr(1), good + "A", good + "=", "+" + good,
        std::string(28, '\0'), std::string(28, '/'), std::string("17"),
        EncodeCursor({0, 5}), EncodeEventId({77, 1000})}) {
    EXPECT_THAT(DecodeCursor(bad), StatusIs(absl::StatusCode::kInvalidArgument))
        << bad;
  }
}

TEST(EventIdTest, ComesBackAsItWasEncoded) {
  EXPECT_THAT(DecodeEventId(EncodeEventId({77, 1000})),
              IsOkAndHolds(Cursor{77, 1000}));
}

TEST(EventIdTest, OtherTextIsInvalid) {
  for (const std::string& text :
       {std::string(), std::string("nonsense"), std::string(24, '?'),
        std::string(24, 'A'), EncodeCursor({77, 1000}), EncodeEventId({0, 5}),
        EncodeEventId({77, 0})}) {
    EXPECT_THAT(DecodeEventId(text),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(EventIdTest, DiffersForEverySeqAndEpochAndFromCursors) {
  std::set<std::string> texts;
  for (uint64_t epoch = 1; epoch <= 10; ++epoch) {
    for (uint64_t seq = 1; seq <= 100; ++seq) {
      texts.insert(EncodeEventId({epoch, seq}));
      texts.insert(EncodeCursor({epoch, seq}));
    }
  }
  EXPECT_EQ(texts.size(), 2000u);
}

}  // namespace
}  // namespace chatgate
