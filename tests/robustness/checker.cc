#include "tests/robustness/checker.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/robustness/checker_support.h"

namespace chatgate::robustness {

std::map<uint64_t, Seen> ToldAnywhere(const History& history) {
  std::map<uint64_t, Seen> told;
  for (const Seen& event : history.log) told.emplace(event.seq, event);
  for (const Subscriber& subscriber : history.subscribers) {
    ForEachResponse(subscriber, [&](uint64_t, const Response& response) {
      for (const Seen& event : response.events) told.emplace(event.seq, event);
    });
  }
  for (const Listing& listing : history.listings) {
    for (const Seen& event : listing.events) told.emplace(event.seq, event);
  }
  return told;
}

namespace {

// The seqs at which each text stands.
std::map<std::string, std::set<uint64_t>> PlacesOf(const History& history) {
  std::map<std::string, std::set<uint64_t>> places;
  for (const auto& [seq, event] : ToldAnywhere(history)) {
    places[event.text].insert(seq);
  }
  return places;
}

void CheckOnePlace(const History& history, Operation::Kind kind,
                   Reporter* reporter) {
  const auto places = PlacesOf(history);
  for (const Operation& operation : history.operations) {
    if (operation.kind != kind) continue;
    const auto found = places.find(operation.text);
    if (found == places.end() || found->second.size() < 2) continue;
    reporter->Add(absl::StrCat(operation.text, ", sent ", operation.sends,
                               " times, is at ", found->second.size(),
                               " positions"));
  }
}

}  // namespace

void CheckDurable(const History& history, std::vector<Violation>* violations) {
  Reporter reporter("Durable", violations);
  const std::map<uint64_t, Seen> told = ToldAnywhere(history);
  std::set<std::string> texts;
  uint64_t told_of_gone = 0;
  for (const auto& [seq, event] : told) {
    texts.insert(event.text);
    if (seq < history.tail) ++told_of_gone;
  }
  // Who was deleted before anybody was told of it cannot be named.
  const uint64_t unknown = history.tail - 1 - told_of_gone;
  std::vector<std::string> missing;
  for (const Operation& operation : history.operations) {
    if (operation.answered && !texts.contains(operation.text)) {
      missing.push_back(operation.text);
    }
  }
  if (missing.size() > unknown) {
    for (const std::string& text : missing) {
      reporter.Add(absl::StrCat(text, " was answered, and is not in the log"));
    }
  }
  for (const auto& [seq, event] : told) {
    if (seq > history.head) {
      reporter.Add(absl::StrCat(
          "seq ", seq, " was delivered, and the log ends at ", history.head));
    }
  }
}

void CheckOrdered(const History& history, std::vector<Violation>* violations) {
  Reporter reporter("Ordered", violations);
  for (size_t i = 0; i < history.log.size(); ++i) {
    if (history.log[i].seq != history.tail + i) {
      reporter.Add(absl::StrCat("the log has seq ", history.log[i].seq,
                                " where ", history.tail + i, " belongs"));
      break;
    }
  }
  const std::map<uint64_t, Seen> told = ToldAnywhere(history);
  for (const Subscriber& subscriber : history.subscribers) {
    ForEachResponse(subscriber, [&](uint64_t before, const Response& response) {
      uint64_t last = before;
      for (const Seen& event : response.events) {
        if (event.seq <= last) {
          reporter.Add(absl::StrCat(subscriber.name, ": seq ", event.seq,
                                    " after ", last));
        }
        last = event.seq;
        if (!(told.at(event.seq) == event)) {
          reporter.Add(absl::StrCat(subscriber.name, ": another event at seq ",
                                    event.seq));
        }
      }
      if (response.position < last) {
        reporter.Add(absl::StrCat(subscriber.name, ": the cursor is at ",
                                  response.position, ", the events at ", last));
      }
      if (response.head && *response.head < response.position) {
        reporter.Add(absl::StrCat(subscriber.name, ": the head ",
                                  *response.head, " is behind the cursor ",
                                  response.position));
      }
    });
  }
}

void CheckUnique(const History& history, std::vector<Violation>* violations) {
  Reporter reporter("Unique", violations);
  CheckOnePlace(history, Operation::Kind::kWebhook, &reporter);
  for (const Subscriber& subscriber : history.subscribers) {
    std::set<uint64_t> got;
    ForEachResponse(subscriber, [&](uint64_t, const Response& response) {
      for (const Seen& event : response.events) {
        if (!got.insert(event.seq).second) {
          reporter.Add(
              absl::StrCat(subscriber.name, " got seq ", event.seq, " twice"));
        }
      }
    });
  }
}

void CheckResumable(const History& history,
                    std::vector<Violation>* violations) {
  Reporter reporter("Resumable", violations);
  const std::map<uint64_t, Seen> told = ToldAnywhere(history);
  for (const Subscriber& subscriber : history.subscribers) {
    if (subscriber.streams.empty()) continue;
    std::set<uint64_t> got;
    std::vector<GapTold> gaps;
    const uint64_t first = subscriber.streams.front().after;
    uint64_t last = first;
    for (const StreamOfOne& stream : subscriber.streams) {
      if (stream.after != last) {
        reporter.Add(absl::StrCat(subscriber.name, " resumed at ", stream.after,
                                  ", not at ", last));
      }
      for (const Response& response : stream.responses) {
        for (const Seen& event : response.events) got.insert(event.seq);
        if (response.gap) gaps.push_back(*response.gap);
        last = response.position;
      }
    }
    for (auto it = told.upper_bound(first);
         it != told.end() && it->first <= last; ++it) {
      const uint64_t seq = it->first;
      const bool in_gap =
          std::any_of(gaps.begin(), gaps.end(), [&](const GapTold& gap) {
            return gap.first_seq <= seq && seq <= gap.last_seq;
          });
      if (subscriber.Wants(it->second) && !got.contains(seq) && !in_gap) {
        reporter.Add(absl::StrCat(subscriber.name, " missed seq ", seq));
      }
    }
  }
}

void CheckGapHonest(const History& history,
                    std::vector<Violation>* violations) {
  Reporter reporter("Gap-honest", violations);
  for (const Subscriber& subscriber : history.subscribers) {
    ForEachResponse(subscriber, [&](uint64_t before, const Response& response) {
      if (!response.gap) return;
      const GapTold& gap = *response.gap;
      if (gap.first_seq != before + 1 || gap.last_seq < gap.first_seq ||
          gap.last_seq != response.position) {
        reporter.Add(absl::StrCat(subscriber.name, ": a gap from ",
                                  gap.first_seq, " to ", gap.last_seq,
                                  ", the stream from ", before, " to ",
                                  response.position));
      }
      if (gap.last_seq >= history.tail) {
        reporter.Add(absl::StrCat(subscriber.name, ": a gap up to ",
                                  gap.last_seq, ", the log is there from ",
                                  history.tail));
      }
    });
  }
}

void CheckBounded(const History& history, const CheckerLimits& limits,
                  std::vector<Violation>* violations) {
  Reporter reporter("Bounded", violations);
  if (history.memory_kib_max > limits.memory_kib_max) {
    reporter.Add(
        absl::StrCat("the gateway held ", history.memory_kib_max, " KiB"));
  }
  for (const Subscriber& subscriber : history.subscribers) {
    ForEachResponse(subscriber, [&](uint64_t, const Response& response) {
      if (response.bytes > limits.response_bytes_max &&
          response.events.size() > 1) {
        reporter.Add(absl::StrCat(subscriber.name, ": a response of ",
                                  response.bytes, " bytes"));
      }
    });
  }
}

void CheckOnce(const History& history, std::vector<Violation>* violations) {
  Reporter reporter("Once", violations);
  CheckOnePlace(history, Operation::Kind::kMutation, &reporter);
}

std::vector<Violation> Check(const History& history,
                             const CheckerLimits& limits) {
  std::vector<Violation> violations;
  CheckDurable(history, &violations);
  CheckOrdered(history, &violations);
  CheckUnique(history, &violations);
  CheckResumable(history, &violations);
  CheckGapHonest(history, &violations);
  CheckBounded(history, limits, &violations);
  CheckOnce(history, &violations);
  CheckSnapshot(history, &violations);
  CheckTimed(history, &violations);
  CheckListed(history, &violations);
  return violations;
}

absl::Status CheckTraffic(const History& history, const TrafficMin& least) {
  size_t deliveries = 0;
  size_t resumed = 0;
  int snapshots = 0;
  int timed = 0;
  for (const Subscriber& subscriber : history.subscribers) {
    if (!subscriber.streams.empty()) resumed += subscriber.streams.size() - 1;
    snapshots += subscriber.snapshot.has_value() ? 1 : 0;
    timed += subscriber.start.has_value() ? 1 : 0;
    ForEachResponse(subscriber, [&](uint64_t, const Response& response) {
      deliveries += response.events.size();
    });
  }
  const auto repeats = std::count_if(
      history.operations.begin(), history.operations.end(),
      [](const Operation& operation) { return operation.sends > 1; });
  const auto lists = [&history](bool descending) {
    return std::count_if(history.listings.begin(), history.listings.end(),
                         [descending](const Listing& listing) {
                           return listing.descending == descending &&
                                  !listing.events.empty();
                         });
  };
  if (history.head >= least.events && deliveries >= least.deliveries &&
      history.kills >= least.kills && repeats >= least.repeats &&
      resumed >= least.resumed && snapshots >= least.snapshots &&
      timed >= least.timed && lists(false) >= least.lists &&
      lists(true) >= least.lists) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("the run is void: ", history.head, " events, ", deliveries,
                   " deliveries, ", history.kills, " kills, ", repeats,
                   " repeats, ", resumed, " resumed streams, ", snapshots,
                   " snapshots, ", timed, " starts at a time, ", lists(false),
                   " ascending and ", lists(true), " descending lists"));
}

}  // namespace chatgate::robustness
