#include "server/event_log/unpublished_events.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/event_log/traits_scanner.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

EventDraft Draft(const std::string& conversation) {
  NewEvent event;
  event.event.set_app_id(777);
  event.event.set_conversation(conversation);
  return *MakeEventDraft(std::move(event), absl::UnixEpoch());
}

EventPlace Place(uint64_t seq) {
  EventPlace place;
  place.cursor = {.epoch = 42, .seq = seq};
  place.received_micros = 1'700'000'000'000'000 + static_cast<int64_t>(seq);
  return place;
}

bool IsNext(const SharedBytes& slice, const SharedBytes& next) {
  SharedBytes both = slice;
  return both.Extend(next);
}

TEST(UnpublishedEventsTest, AStoredEventIsWhatProtobufWouldWrite) {
  const EventDraft draft = Draft("dashly:5");
  EventPlace place = Place(300);
  for (const std::string duplicate_of : {"", "an-earlier-event"}) {
    for (const int64_t micros :
         {int64_t{1'700'000'000'000'000}, int64_t{1'700'000'000'123'456},
          int64_t{0}, int64_t{-1}}) {
      place.possible_duplicate_of = duplicate_of;
      place.received_micros = micros;
      v1::Event expected = *draft.event;
      SetPlace(place, expected);
      UnpublishedEvents events;
      v1::Event stored;
      ASSERT_TRUE(
          stored.ParseFromString(std::string(events.Add(draft, place))));
      EXPECT_EQ(stored.SerializeAsString(), expected.SerializeAsString());
    }
  }
}

TEST(UnpublishedEventsTest, EventsStandOneBehindTheOther) {
  UnpublishedEvents events;
  for (uint64_t seq = 1; seq <= 65; ++seq) {
    events.Add(Draft(absl::StrCat("c", seq)), Place(seq));
  }
  const auto records = events.Take();
  ASSERT_EQ(records.size(), 65u);
  for (size_t i = 0; i + 1 < 64; ++i) {
    EXPECT_TRUE(IsNext(records[i]->slice, records[i + 1]->slice)) << i;
  }
  // A run has an end, or one reader would keep everything.
  EXPECT_FALSE(IsNext(records[63]->slice, records[64]->slice));
  for (size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i]->seq, i + 1);
    EXPECT_EQ(records[i]->traits.conversation, absl::StrCat("c", i + 1));
    const std::optional<EventTraits> again =
        ScanTraits(StoredForm(*records[i]));
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->conversation, absl::StrCat("c", i + 1));
  }
}

TEST(UnpublishedEventsTest, ARunOfLargeEventsIsShort) {
  UnpublishedEvents events;
  const std::string large(100'000, 'x');
  events.Add(Draft(large), Place(1));
  events.Add(Draft(large), Place(2));
  const auto records = events.Take();
  EXPECT_FALSE(IsNext(records[0]->slice, records[1]->slice));
}

TEST(UnpublishedEventsTest, WhatIsRemovedLeavesNoTrace) {
  UnpublishedEvents events;
  for (uint64_t seq = 1; seq <= 70; ++seq) {
    events.Add(Draft("kept"), Place(seq));
  }
  for (int i = 0; i < 69; ++i) events.RemoveLast();
  events.Add(Draft("second"), Place(2));
  const auto records = events.Take();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[1]->traits.conversation, "second");
  EXPECT_TRUE(IsNext(records[0]->slice, records[1]->slice));
  EXPECT_EQ(events.size(), 0u);
}

}  // namespace
}  // namespace chatgate
