#ifndef CHATGATE_TESTS_ROBUSTNESS_HISTORY_H_
#define CHATGATE_TESTS_ROBUSTNESS_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace chatgate::robustness {

// What was asked of the gateway, once: a webhook, which its sender repeats
// until it is answered, or a mutation, repeated with the same request_id. The
// text that it carries is found again in the event that it makes.
struct Operation {
  enum class Kind { kWebhook, kMutation };
  Kind kind = Kind::kWebhook;
  std::string text;
  bool answered = false;  // 200, or OK; else it may have happened or not.
  int sends = 1;
};

// An event as somebody was told of it.
struct Seen {
  uint64_t seq = 0;
  std::string text;
  std::string conversation;
  int64_t received_nanos = 0;  // Unix time.

  friend bool operator==(const Seen& a, const Seen& b) {
    return a.seq == b.seq && a.text == b.text &&
           a.conversation == b.conversation &&
           a.received_nanos == b.received_nanos;
  }
};

struct GapTold {
  uint64_t first_seq = 0;
  uint64_t last_seq = 0;
};

// One response of a stream.
struct Response {
  uint64_t position = 0;  // Of its cursor.
  std::vector<Seen> events;
  std::optional<GapTold> gap;
  std::optional<uint64_t> head;  // Of a heartbeat.
  size_t bytes = 0;
};

// One stream, from where it began to its end.
struct StreamOfOne {
  uint64_t after = 0;  // The position that it asked to begin after.
  std::vector<Response> responses;
};

// Whether a filter by conversation lets one through. An empty one lets all.
inline bool LetsThrough(const std::string& filter,
                        const std::string& conversation) {
  return filter.empty() || filter == conversation;
}

// An open conversation, as a snapshot showed it.
struct ShownConversation {
  std::string conversation;
  uint64_t parts = 0;
  std::string last_text;
};

// The log keeps at least so many of the newest events: its limit in bytes, by
// the largest that a producer makes.
inline constexpr uint64_t kKeptEventsMin = 1000;

// Where a subscriber began that asked for a time.
struct TimedStart {
  int64_t time_nanos = 0;
  uint64_t head = 0;  // As the first response told it.
};

// What one subscriber has got: its streams, one after the other, each from the
// cursor where the one before was lost.
struct Subscriber {
  std::string name;
  std::string conversation;  // The filter; empty lets everything through.
  std::vector<StreamOfOne> streams;
  // What it was shown first, as of where its first stream began.
  std::optional<std::vector<ShownConversation>> snapshot = {};
  std::optional<TimedStart> start = {};

  bool Wants(const Seen& event) const {
    return LetsThrough(conversation, event.conversation);
  }
};

// A list of events, its pages put together in the order in which they came.
struct Listing {
  std::string conversation;  // The filter, as a subscriber's.
  bool descending = false;
  std::vector<Seen> events;
  std::string refused;  // Why it was; empty where it was not.

  bool Wants(const Seen& event) const {
    return LetsThrough(conversation, event.conversation);
  }
};

// Everything that was done and said in a run, and what the log held at its end.
struct History {
  std::vector<Operation> operations;
  std::vector<Subscriber> subscribers;
  std::vector<Listing> listings;
  std::vector<Seen> log;  // All that was left, oldest first.
  uint64_t tail = 1;
  uint64_t head = 0;
  int kills = 0;
  size_t memory_kib_max = 0;  // Most that the gateway ever held.
};

}  // namespace chatgate::robustness

#endif  // CHATGATE_TESTS_ROBUSTNESS_HISTORY_H_
