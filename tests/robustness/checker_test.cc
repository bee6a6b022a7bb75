#include "tests/robustness/checker.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/robustness/seeded_bugs.h"
#include "tests/support/status_matchers.h"

namespace chatgate::robustness {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

std::vector<std::string> Broken(const History& history) {
  std::vector<std::string> names;
  for (const Violation& violation : Check(history)) {
    names.push_back(violation.guarantee);
  }
  return names;
}

Seen At(uint64_t seq) {
  return {seq, absl::StrCat("text ", seq), absl::StrCat("dashly:", seq % 2),
          static_cast<int64_t>(10 * seq)};
}

Response Events(uint64_t first, uint64_t last) {
  Response response;
  response.position = last;
  for (uint64_t seq = first; seq <= last; ++seq) {
    response.events.push_back(At(seq));
  }
  return response;
}

// Twelve events, of which the first four are gone. One subscriber got them all,
// over two streams; one only those of a conversation; one had fallen behind;
// one began with a snapshot, one at a time. Two lists, one of them back.
History Good() {
  History history;
  for (uint64_t seq = 1; seq <= 12; ++seq) {
    history.operations.push_back(
        {seq % 3 == 0 ? Operation::Kind::kMutation : Operation::Kind::kWebhook,
         At(seq).text, true, 2});
    if (seq > 4) history.log.push_back(At(seq));
  }
  history.operations.push_back(
      {Operation::Kind::kWebhook, "never answered", false, 3});
  history.tail = 5;
  history.head = 12;
  Response heartbeat;
  heartbeat.position = 12;
  heartbeat.head = 12;
  history.subscribers.push_back(
      {"all",
       "",
       {{0, {Events(1, 3), Events(4, 6)}},
        {6, {Events(7, 9), Events(10, 12), heartbeat}}}});
  Response odd;
  odd.position = 8;
  odd.events = {At(5), At(7)};
  history.subscribers.push_back({"odd", "dashly:1", {{4, {odd}}}});
  Response gap;
  gap.position = 4;
  gap.gap = GapTold{2, 4};
  history.subscribers.push_back({"slow", "", {{1, {gap, Events(5, 9)}}}});
  history.subscribers.push_back(
      {"shown",
       "",
       {{8, {Events(9, 12)}}},
       {{{"dashly:0", 4, At(8).text}, {"dashly:1", 4, At(7).text}}}});
  history.subscribers.push_back({"since",
                                 "",
                                 {{7, {Events(8, 12)}}},
                                 {},
                                 TimedStart{At(8).received_nanos, 12}});
  Listing list{"", false, Events(5, 12).events, ""};
  history.listings.push_back(list);
  std::reverse(list.events.begin(), list.events.end());
  list.descending = true;
  history.listings.push_back(list);
  return history;
}

TEST(CheckerTest, AGoodHistoryBreaksNothing) {
  EXPECT_THAT(Broken(Good()), IsEmpty());
}

TEST(CheckerTest, WhatWasNotAnsweredMayBeMissing) {
  History history = Good();
  history.operations.push_back({Operation::Kind::kMutation, "lost", false, 1});
  EXPECT_THAT(Broken(history), IsEmpty());
}

// Retention may take what nobody was told of; but no more than that.
TEST(CheckerTest, WhatRetentionTookUnseenCountsAsKept) {
  History history = Good();
  history.subscribers.erase(history.subscribers.begin());
  EXPECT_THAT(Broken(history), IsEmpty());
  history.operations.push_back({Operation::Kind::kWebhook, "lost", true, 1});
  EXPECT_THAT(Broken(history), Contains("Durable"));
}

TEST(CheckerTest, AHeadBehindItsCursorIsOutOfOrder) {
  History history = Good();
  history.subscribers[0].streams[1].responses.back().head = 11;
  EXPECT_THAT(Broken(history), Contains("Ordered"));
}

TEST(CheckerTest, AStreamThatBeginsElsewhereIsNotResumed) {
  History history = Good();
  history.subscribers[0].streams[1].after = 7;
  EXPECT_THAT(Broken(history), Contains("Resumable"));
}

TEST(CheckerTest, AResponseHasALimitUnlessItIsOneEvent) {
  History history = Good();
  Response& response = history.subscribers[0].streams[0].responses[0];
  response.bytes = size_t{2} << 20;
  EXPECT_THAT(Broken(history), Contains("Bounded"));
  response.events.resize(1);
  EXPECT_THAT(Broken(history), ::testing::Not(Contains("Bounded")));
}

// Where nobody was told of what is gone, a snapshot may show it or not.
TEST(CheckerTest, ASnapshotIsHeldAgainstWhatIsKnown) {
  History history = Good();
  history.subscribers.erase(history.subscribers.begin());
  Subscriber& shown = history.subscribers[2];
  ASSERT_EQ(shown.name, "shown");
  EXPECT_THAT(Broken(history), IsEmpty());
  shown.snapshot->front().parts = 2;
  EXPECT_THAT(Broken(history), IsEmpty());
  shown.snapshot->front().parts = 1;
  EXPECT_THAT(Broken(history), Contains("Snapshot"));
  shown.snapshot->front().parts = 7;
  EXPECT_THAT(Broken(history), Contains("Snapshot"));
}

TEST(CheckerTest, AFilterHoldsForASnapshot) {
  History history = Good();
  history.subscribers[3].conversation = "dashly:1";
  EXPECT_THAT(Broken(history), Contains("Snapshot"));
}

// As far back as retention may have come before the stream began.
TEST(CheckerTest, AStartAtATimeMayLeaveOutWhatMayBeGone) {
  History history = Good();
  Subscriber& since = history.subscribers[4];
  ASSERT_EQ(since.name, "since");
  since.streams[0].after = 8;
  since.streams[0].responses[0].events.erase(
      since.streams[0].responses[0].events.begin());
  EXPECT_THAT(Broken(history), Contains("Timed"));
  since.start->head = 8 + kKeptEventsMin;
  EXPECT_THAT(Broken(history), ::testing::Not(Contains("Timed")));
}

TEST(CheckerTest, ARefusedListIsNone) {
  History history = Good();
  history.listings[0].refused = "page_token: cannot be read";
  EXPECT_THAT(Broken(history), Contains("Listed"));
}

TEST(CheckerTest, EachGuaranteeHasASeededBugThatIsCaughtByName) {
  std::set<std::string> caught;
  for (const SeededBug& bug : SeededBugs()) {
    History history = Good();
    ASSERT_TRUE(bug.plant(&history)) << bug.name;
    EXPECT_THAT(Broken(history), Contains(bug.guarantee)) << bug.name;
    caught.insert(bug.guarantee);
  }
  EXPECT_THAT(caught,
              ::testing::UnorderedElementsAre(
                  "Durable", "Ordered", "Unique", "Resumable", "Gap-honest",
                  "Bounded", "Once", "Snapshot", "Timed", "Listed"));
}

TEST(CheckerTest, ARunWithTooLittleTrafficIsVoid) {
  EXPECT_THAT(CheckTraffic(Good()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(CheckTraffic(Good(), {.events = 12,
                                    .deliveries = 28,
                                    .kills = 0,
                                    .repeats = 13,
                                    .resumed = 1,
                                    .snapshots = 1,
                                    .timed = 1,
                                    .lists = 1}),
              IsOk());
  EXPECT_THAT(CheckTraffic(Good(), {.events = 13,
                                    .deliveries = 0,
                                    .kills = 0,
                                    .repeats = 0,
                                    .resumed = 0,
                                    .snapshots = 0,
                                    .timed = 0,
                                    .lists = 0}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace chatgate::robustness
