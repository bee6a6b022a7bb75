#include <algorithm>

#include "tests/robustness/seeded_bugs.h"

namespace chatgate::robustness {
namespace {

Subscriber* FindShown(History* history) {
  for (Subscriber& subscriber : history->subscribers) {
    if (subscriber.snapshot && !subscriber.snapshot->empty() &&
        !subscriber.streams.empty()) {
      return &subscriber;
    }
  }
  return nullptr;
}

// Shows a part more than the log has told of, as one that is read after its
// cursor.
bool ShowWhatComesLater(History* history) {
  Subscriber* subscriber = FindShown(history);
  if (subscriber == nullptr) return false;
  subscriber->snapshot->front().parts += history->head;
  return true;
}

bool ShowAnOlderEnd(History* history) {
  for (Subscriber& subscriber : history->subscribers) {
    // Of a snapshot as of an event that is there the end is known.
    if (!subscriber.snapshot || subscriber.streams.empty()) continue;
    const uint64_t position = subscriber.streams.front().after;
    const auto last = std::find_if(
        history->log.begin(), history->log.end(),
        [position](const Seen& event) { return event.seq == position; });
    if (last == history->log.end()) continue;
    for (ShownConversation& each : *subscriber.snapshot) {
      if (each.conversation != last->conversation) continue;
      each.last_text = "older";
      return true;
    }
  }
  return false;
}

bool LeaveOutAConversation(History* history) {
  Subscriber* subscriber = FindShown(history);
  if (subscriber == nullptr) return false;
  subscriber->snapshot->pop_back();
  return true;
}

// Calls `spoil` with a subscriber that began at a time and its first event;
// false where there is none.
template <typename Spoil>
bool SpoilTimed(History* history, const Spoil& spoil) {
  for (Subscriber& subscriber : history->subscribers) {
    if (!subscriber.start) continue;
    for (const StreamOfOne& stream : subscriber.streams) {
      for (const Response& response : stream.responses) {
        if (response.events.empty()) continue;
        spoil(subscriber, response.events.front());
        return true;
      }
    }
  }
  return false;
}

// As one that compares the wrong way.
bool BeginTooLate(History* history) {
  return SpoilTimed(history, [](Subscriber& subscriber, const Seen& first) {
    subscriber.streams.front().after = first.seq;
    subscriber.start->head = first.seq;
  });
}

bool BeginTooEarly(History* history) {
  return SpoilTimed(history, [](Subscriber& subscriber, const Seen& first) {
    subscriber.start->time_nanos = first.received_nanos + 1;
  });
}

bool LeaveOutOfAList(History* history, bool descending) {
  for (Listing& listing : history->listings) {
    if (listing.descending != descending || listing.events.size() < 3) continue;
    const auto middle = listing.events.begin() + 1;
    if (middle->seq < history->tail) continue;
    const bool in_log = std::find(history->log.begin(), history->log.end(),
                                  *middle) != history->log.end();
    if (!in_log) continue;
    listing.events.erase(middle);
    return true;
  }
  return false;
}

bool ListInTheWrongOrder(History* history) {
  for (Listing& listing : history->listings) {
    if (listing.events.size() < 2) continue;
    listing.descending = !listing.descending;
    return true;
  }
  return false;
}

}  // namespace

std::vector<SeededBug> SeededBeginnings() {
  return {
      {"shows what comes later", "Snapshot", ShowWhatComesLater},
      {"shows what was before", "Snapshot", ShowAnOlderEnd},
      {"shows not all", "Snapshot", LeaveOutAConversation},
      {"begins after its time", "Timed", BeginTooLate},
      {"begins before its time", "Timed", BeginTooEarly},
      {"lists without one", "Listed",
       [](History* history) { return LeaveOutOfAList(history, false); }},
      {"lists back without one", "Listed",
       [](History* history) { return LeaveOutOfAList(history, true); }},
      {"lists the wrong way", "Listed", ListInTheWrongOrder},
  };
}

}  // namespace chatgate::robustness
