#include "tests/robustness/seeded_bugs.h"

#include <algorithm>
#include <utility>

namespace chatgate::robustness {
namespace {

// The first response that `fits`, of any subscriber; nullptr where there is
// none.
Response* FindResponse(History* history,
                       const std::function<bool(const Response&)>& fits) {
  for (Subscriber& subscriber : history->subscribers) {
    for (StreamOfOne& stream : subscriber.streams) {
      for (Response& response : stream.responses) {
        if (fits(response)) return &response;
      }
    }
  }
  return nullptr;
}

bool HasEvent(const Response& response) { return !response.events.empty(); }

// Forgets an event everywhere, as a gateway that answered before it synced.
bool LoseAnswered(History* history) {
  for (const Operation& operation : history->operations) {
    if (!operation.answered) continue;
    const auto in_log = std::find_if(
        history->log.begin(), history->log.end(),
        [&](const Seen& event) { return event.text == operation.text; });
    if (in_log == history->log.end()) continue;
    const uint64_t seq = in_log->seq;
    in_log->text = "overwritten";
    for (Subscriber& subscriber : history->subscribers) {
      for (StreamOfOne& stream : subscriber.streams) {
        for (Response& response : stream.responses) {
          for (Seen& event : response.events) {
            if (event.seq == seq) event.text = "overwritten";
          }
        }
      }
    }
    return true;
  }
  return false;
}

// The log ends before what a subscriber was told.
bool ForgetTheEnd(History* history) {
  Response* last = nullptr;
  for (Subscriber& subscriber : history->subscribers) {
    for (StreamOfOne& stream : subscriber.streams) {
      for (Response& response : stream.responses) {
        if (HasEvent(response) && response.events.back().seq == history->head) {
          last = &response;
        }
      }
    }
  }
  if (last == nullptr || history->log.empty()) return false;
  history->log.pop_back();
  --history->head;
  return true;
}

bool SwapTwo(History* history) {
  Response* response = FindResponse(
      history, [](const Response& each) { return each.events.size() > 1; });
  if (response == nullptr) return false;
  std::swap(response->events[0], response->events[1]);
  return true;
}

// Streams disagree about what stands at a seq.
bool TellAnother(History* history) {
  // Only where the log, too, tells what stands there.
  Response* response = FindResponse(history, [&](const Response& each) {
    return HasEvent(each) && each.events[0].seq >= history->tail;
  });
  if (response == nullptr) return false;
  response->events[0].text = "another";
  return true;
}

bool DeliverAgain(History* history) {
  for (Subscriber& subscriber : history->subscribers) {
    for (StreamOfOne& stream : subscriber.streams) {
      for (size_t i = 0; i + 1 < stream.responses.size(); ++i) {
        if (!HasEvent(stream.responses[i])) continue;
        stream.responses[i + 1].events.insert(
            stream.responses[i + 1].events.begin(),
            stream.responses[i].events.back());
        return true;
      }
    }
  }
  return false;
}

// A repetition is taken for something new.
bool AppendTwice(History* history, Operation::Kind kind) {
  for (const Operation& operation : history->operations) {
    if (operation.kind != kind) continue;
    for (const Seen& event : history->log) {
      if (event.text != operation.text) continue;
      Seen again = event;
      again.seq = ++history->head;
      history->log.push_back(again);
      return true;
    }
  }
  return false;
}

// The first event after a reconnect falls through.
bool SkipOneAfterResuming(History* history) {
  for (Subscriber& subscriber : history->subscribers) {
    for (size_t i = 1; i < subscriber.streams.size(); ++i) {
      for (Response& response : subscriber.streams[i].responses) {
        if (!HasEvent(response) || response.events[0].seq < history->tail) {
          continue;
        }
        response.events.erase(response.events.begin());
        return true;
      }
    }
  }
  return false;
}

bool HasGap(const Response& response) { return response.gap.has_value(); }

bool TellASmallerGap(History* history) {
  Response* response = FindResponse(history, HasGap);
  if (response == nullptr) return false;
  ++response->gap->first_seq;
  return true;
}

// Calls gone what is there.
bool TellAFalseGap(History* history) {
  for (Subscriber& subscriber : history->subscribers) {
    for (StreamOfOne& stream : subscriber.streams) {
      uint64_t before = stream.after;
      for (Response& response : stream.responses) {
        if (HasEvent(response) && response.position >= history->tail) {
          response.events.clear();
          response.gap = GapTold{before + 1, response.position};
          return true;
        }
        before = response.position;
      }
    }
  }
  return false;
}

}  // namespace

std::vector<SeededBug> SeededBugs() {
  std::vector<SeededBug> bugs = {
      {"answers before it syncs", "Durable", LoseAnswered},
      {"streams before it syncs", "Durable", ForgetTheEnd},
      {"sorts a batch wrongly", "Ordered", SwapTwo},
      {"tells another event at a position", "Ordered", TellAnother},
      {"delivers again after a write", "Unique", DeliverAgain},
      {"does not dedupe webhooks", "Unique",
       [](History* history) {
         return AppendTwice(history, Operation::Kind::kWebhook);
       }},
      {"resumes one too far", "Resumable", SkipOneAfterResuming},
      {"counts a gap wrongly", "Gap-honest", TellASmallerGap},
      {"gives up events that are there", "Gap-honest", TellAFalseGap},
      {"queues for a stalled reader", "Bounded",
       [](History* history) {
         history->memory_kib_max = size_t{64} << 20;
         return true;
       }},
      {"does a mutation again", "Once",
       [](History* history) {
         return AppendTwice(history, Operation::Kind::kMutation);
       }},
  };
  for (SeededBug& bug : SeededBeginnings()) bugs.push_back(std::move(bug));
  return bugs;
}

}  // namespace chatgate::robustness
