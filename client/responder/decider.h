#ifndef CHATGATE_CLIENT_RESPONDER_DECIDER_H_
#define CHATGATE_CLIENT_RESPONDER_DECIDER_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "chatgate/v1/events.pb.h"
#include "client/responder/loop_guard.h"
#include "client/responder/recent_map.h"
#include "client/responder/rule_set.h"

namespace chatgate {

struct DeciderOptions {
  // Only so much of a message is searched.
  size_t text_bytes_max = 64 << 10;
  // Conversations whose guard is remembered.
  size_t conversations_max = 10'000;
  // Pairs of a conversation and a rule with a limit that are remembered.
  size_t uses_max = 100'000;
};

// What to do about an event.
struct Decision {
  struct Act {
    int rule;          // Index in the file,
    int action;        // and in the rule.
    std::string body;  // Of a reply or a note, filled in.
  };
  // A rule that matches, and why it does not act, or not with all its actions.
  struct Silence {
    int rule;
    std::string why;
    bool is_guard;  // The loop guard's; else a condition or a limit.
  };

  std::vector<Act> acts;
  std::vector<Silence> silences;
};

// Decider decides, by rules, what to do about each event of a stream, and
// remembers of the stream what later decisions need. It sends nothing: what
// answers, what replays history and what explains a rule decide alike.
//
// It reacts to what leads write (`u2a`, `reply_user` or `chat_bot_user`), not
// to their editing or removing it, never to its own parts, and never without
// end (LoopGuard). Every act that it hands out counts as done.
//
// Threads: one at a time.
class Decider {
 public:
  explicit Decider(DeciderOptions options);

  Decision Decide(const RuleSet& rules, const v1::Event& event);

  // A part that the responder has made.
  void AddOwnPart(uint64_t part_id);

  // An operator wrote it.
  bool IsFromHuman(const v1::Event& event) const;

 private:
  struct Use {
    int times = 0;
    absl::Time last = absl::InfinitePast();
  };

  bool IsOwn(const v1::ConversationPart& part) const;
  bool IsFromLead(const v1::ConversationPart& part) const;
  bool IsFromHuman(const v1::ConversationPart& part) const;
  void Consider(const RuleSet& rules, int rule, const v1::Event& event,
                absl::string_view conversation, Decision& decision);
  // Why the rule is passed over although its text matches; empty: it is not.
  std::string WhyPassedOver(const RuleSet& rules, int rule,
                            const v1::Event& event,
                            absl::string_view conversation) const;
  // Counts the rule's acting and returns how often it had acted there before.
  int CountUse(const v1::Rule& rule, absl::string_view conversation,
               absl::Time time);

  const DeciderOptions options_;
  LoopGuard guard_;
  RecentMap<Use> uses_;  // By conversation and rule.
  std::deque<uint64_t> own_parts_;
};

// When the gateway received the event.
absl::Time ReceivedTime(const v1::Event& event);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_DECIDER_H_
