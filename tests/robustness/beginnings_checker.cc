// What begins in other ways than at the oldest event: with a snapshot, at a
// time, or page by page.
#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/robustness/checker_support.h"

namespace chatgate::robustness {
namespace {

// The events up to a position that are known by number and by content.
class Known {
 public:
  explicit Known(const History& history) : told_(ToldAnywhere(history)) {
    for (const auto& [seq, event] : told_) {
      seqs_.push_back(seq);
      of_[event.conversation].push_back(seq);
    }
  }

  std::vector<std::string> conversations() const {
    std::vector<std::string> names;
    for (const auto& [name, seqs] : of_) {
      if (!name.empty()) names.push_back(name);
    }
    return names;
  }
  // Events of the conversation, up to `position`.
  uint64_t CountOf(const std::string& conversation, uint64_t position) const {
    const auto found = of_.find(conversation);
    return found == of_.end() ? 0 : CountUpTo(found->second, position);
  }
  // Events that nobody was told of, between the two.
  uint64_t Unknown(uint64_t after, uint64_t position) const {
    return position - after -
           (CountUpTo(seqs_, position) - CountUpTo(seqs_, after));
  }
  // The last of the conversation up to `position`; nullptr where there may be
  // another one, or none.
  const Seen* LastOf(const std::string& conversation, uint64_t position) const {
    const uint64_t count = CountOf(conversation, position);
    if (count == 0) return nullptr;
    const uint64_t seq = of_.at(conversation)[count - 1];
    return Unknown(seq, position) == 0 ? &told_.at(seq) : nullptr;
  }
  const std::map<uint64_t, Seen>& told() const { return told_; }

 private:
  static uint64_t CountUpTo(const std::vector<uint64_t>& seqs,
                            uint64_t position) {
    return static_cast<uint64_t>(
        std::upper_bound(seqs.begin(), seqs.end(), position) - seqs.begin());
  }

  const std::map<uint64_t, Seen> told_;
  std::vector<uint64_t> seqs_;
  std::map<std::string, std::vector<uint64_t>> of_;
};

void CheckShown(const Known& known, const Subscriber& subscriber,
                Reporter* reporter) {
  const uint64_t position = subscriber.streams.front().after;
  const std::string who =
      absl::StrCat(subscriber.name, ", a snapshot as of ", position, ": ");
  std::map<std::string, const ShownConversation*> shown;
  for (const ShownConversation& each : *subscriber.snapshot) {
    if (!shown.emplace(each.conversation, &each).second) {
      reporter->Add(absl::StrCat(who, each.conversation, " twice"));
    }
    if (!LetsThrough(subscriber.conversation, each.conversation)) {
      reporter->Add(absl::StrCat(who, each.conversation, " was filtered out"));
    }
    const uint64_t least = known.CountOf(each.conversation, position);
    const uint64_t most = least + known.Unknown(0, position);
    if (each.parts < least || each.parts > most) {
      reporter->Add(absl::StrCat(who, each.conversation, " has ", each.parts,
                                 " parts, the log told of ", least, " to ",
                                 most));
    }
    const Seen* last = known.LastOf(each.conversation, position);
    if (last != nullptr && last->text != each.last_text) {
      reporter->Add(absl::StrCat(who, each.conversation, " ends with ",
                                 each.last_text, ", the log with ",
                                 last->text));
    }
  }
  for (const std::string& conversation : known.conversations()) {
    if (LetsThrough(subscriber.conversation, conversation) &&
        known.CountOf(conversation, position) > 0 &&
        !shown.contains(conversation)) {
      reporter->Add(absl::StrCat(who, "without ", conversation));
    }
  }
}

}  // namespace

void CheckSnapshot(const History& history, std::vector<Violation>* violations) {
  Reporter reporter("Snapshot", violations);
  const Known known(history);
  for (const Subscriber& subscriber : history.subscribers) {
    if (subscriber.snapshot.has_value() && !subscriber.streams.empty()) {
      CheckShown(known, subscriber, &reporter);
    }
  }
}

void CheckTimed(const History& history, std::vector<Violation>* violations) {
  Reporter reporter("Timed", violations);
  const std::map<uint64_t, Seen> told = ToldAnywhere(history);
  for (const Subscriber& subscriber : history.subscribers) {
    if (!subscriber.start || subscriber.streams.empty()) continue;
    const int64_t time = subscriber.start->time_nanos;
    ForEachResponse(subscriber, [&](uint64_t, const Response& response) {
      for (const Seen& event : response.events) {
        if (event.received_nanos >= time) continue;
        reporter.Add(absl::StrCat(subscriber.name, ": seq ", event.seq,
                                  " was received before its start"));
      }
    });
    // Where so much came since, the events between may have been gone.
    const uint64_t after = subscriber.streams.front().after;
    if (subscriber.start->head >= after + kKeptEventsMin) continue;
    const auto left_out = told.find(after);
    if (left_out != told.end() && left_out->second.received_nanos >= time) {
      reporter.Add(absl::StrCat(subscriber.name, " began after ", after,
                                ", which was received at its start or later"));
    }
  }
}

void CheckListed(const History& history, std::vector<Violation>* violations) {
  Reporter reporter("Listed", violations);
  const std::map<uint64_t, Seen> told = ToldAnywhere(history);
  for (const Listing& listing : history.listings) {
    if (!listing.refused.empty()) {
      reporter.Add(absl::StrCat("a list was refused: ", listing.refused));
    }
    if (listing.events.empty()) continue;
    // Oldest first from here on, whichever way it was asked for.
    std::vector<Seen> events = listing.events;
    if (listing.descending) std::reverse(events.begin(), events.end());
    for (size_t i = 0; i < events.size(); ++i) {
      if (i > 0 && events[i].seq <= events[i - 1].seq) {
        reporter.Add(absl::StrCat("a list has seq ", events[i].seq, " and ",
                                  events[i - 1].seq, " in the wrong order"));
        return;
      }
      if (!(told.at(events[i].seq) == events[i])) {
        reporter.Add(
            absl::StrCat("a list has another event at seq ", events[i].seq));
      }
    }
    // While somebody lists from the oldest on, retention may overtake him; one
    // who goes back from the newest has seen all that is newer.
    const uint64_t first = listing.descending
                               ? events.front().seq
                               : std::max(events.front().seq, history.tail);
    auto listed = events.begin();
    for (auto it = told.lower_bound(first);
         it != told.end() && it->first <= events.back().seq; ++it) {
      if (!listing.Wants(it->second)) continue;
      while (listed->seq < it->first) ++listed;
      if (listed->seq != it->first) {
        reporter.Add(absl::StrCat("a list of ", events.front().seq, " to ",
                                  events.back().seq, " lacks seq ", it->first));
      }
    }
  }
}

}  // namespace chatgate::robustness
