#include "server/event_log/traits_scanner.h"

#include <optional>
#include <random>
#include <set>
#include <string>

#include "tests/json/random_message.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

constexpr int kTrials = 2'000;

// What parsing the whole event says.
void ExpectSame(const EventTraits& scanned, const EventTraits& parsed) {
  EXPECT_EQ(scanned.app_id, parsed.app_id);
  EXPECT_EQ(scanned.kind, parsed.kind);
  EXPECT_EQ(scanned.conversation, parsed.conversation);
  EXPECT_EQ(scanned.user_id, parsed.user_id);
  EXPECT_EQ(scanned.direction, parsed.direction);
  EXPECT_EQ(scanned.part_type, parsed.part_type);
}

v1::Event RandomEvent(std::mt19937_64& random) {
  v1::Event event;
  FillRandomly(random, &event);
  return event;
}

TEST(TraitsScannerTest, SaysWhatParsingSays) {
  std::mt19937_64 random(1);
  std::set<v1::EventKind> kinds;
  int users = 0;
  for (int i = 0; i < kTrials; ++i) {
    const v1::Event event = RandomEvent(random);
    const std::optional<EventTraits> scanned =
        ScanTraits(event.SerializeAsString());
    ASSERT_TRUE(scanned.has_value()) << event.DebugString();
    const EventTraits parsed = TraitsOf(event);
    ExpectSame(*scanned, parsed);
    kinds.insert(parsed.kind);
    users += parsed.user_id.empty() ? 0 : 1;
    if (HasFailure()) FAIL() << event.DebugString();
  }
  // Or it would show nothing. Each has a payload.
  EXPECT_EQ(kinds.size(), static_cast<size_t>(v1::EventKind_ARRAYSIZE) - 1);
  EXPECT_GT(users, kTrials / 10);
}

TEST(TraitsScannerTest, ASenderCountsWhereThereIsNoUser) {
  v1::Event event;
  v1::ConversationPart& part =
      *event.mutable_dashly_conversation()->mutable_conversation();
  part.mutable_sender()->set_user_id(42);
  EXPECT_EQ(ScanTraits(event.SerializeAsString())->user_id, "42");
  part.set_user(0);
  EXPECT_EQ(ScanTraits(event.SerializeAsString())->user_id, "42");
  part.set_user(18446744073709551615u);
  EXPECT_EQ(ScanTraits(event.SerializeAsString())->user_id,
            "18446744073709551615");
}

// What parsing takes, it takes; bytes that were cut are no event to either.
TEST(TraitsScannerTest, RefusesWhatWasCut) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 50; ++i) {
    const std::string bytes = RandomEvent(random).SerializeAsString();
    for (size_t size = 0; size < bytes.size(); ++size) {
      v1::Event event;
      const bool parses =
          event.ParseFromArray(bytes.data(), static_cast<int>(size));
      EXPECT_EQ(
          ScanTraits(absl::string_view(bytes).substr(0, size)).has_value(),
          parses)
          << size << " of " << bytes.size();
    }
  }
}

TEST(TraitsScannerTest, TakesWhateverParsingTakes) {
  std::mt19937_64 random(3);
  int parsed = 0;
  for (int i = 0; i < kTrials; ++i) {
    std::string bytes = RandomEvent(random).SerializeAsString();
    if (bytes.empty()) continue;
    bytes[random() % bytes.size()] = static_cast<char>(random());
    v1::Event event;
    if (!event.ParseFromString(bytes)) continue;
    ++parsed;
    EXPECT_TRUE(ScanTraits(bytes).has_value()) << event.DebugString();
  }
  EXPECT_GT(parsed, kTrials / 10);
}

}  // namespace
}  // namespace chatgate
