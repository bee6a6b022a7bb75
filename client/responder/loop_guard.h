#ifndef CHATGATE_CLIENT_RESPONDER_LOOP_GUARD_H_
#define CHATGATE_CLIENT_RESPONDER_LOOP_GUARD_H_

#include <cstdint>
#include <deque>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/responder/recent_map.h"

namespace chatgate {

// LoopGuard says when to keep silent in a conversation, so that a responder
// never talks without end, nor into what an operator says. It does nothing
//
//   * after ten answered messages in a row whose texts were all answered
//     before: two bots that take each other for leads go round in circles,
//     people do not;
//   * for some minutes after an operator wrote;
//
// and of what it does leaves out answers
//
//   * after so many in a row, without the lead or an operator writing in
//     between;
//   * after so many within an hour: two such bots write faster than people.
//
//   guard.LeadWrites("777 5", text);
//   if (guard.WhySilent("777 5", time, limits).empty()) {
//     Tag(...);
//     if (guard.WhyNoAnswer("777 5", time, limits).empty()) {
//       Send(...);
//       guard.Answered("777 5", time);
//     }
//   }
//
// Times are those of the events, so that the same history gives the same
// silence. Remembers the last conversations only, and nothing over a restart.
// Threads: one at a time.
class LoopGuard {
 public:
  static constexpr int kRepeatsMax = 10;
  // Of one conversation. More than a reply has alternatives: another bot that
  // takes turns with all of them still goes round in circles.
  static constexpr size_t kTextsMax = 128;

  struct Limits {
    int in_a_row_max = 3;
    int an_hour_max = 60;
    absl::Duration human_silence = absl::Minutes(10);
  };

  explicit LoopGuard(size_t conversations_max)
      : conversations_(conversations_max) {}

  // The lead has written a message, of which the next answers speak.
  void LeadWrites(absl::string_view conversation, absl::string_view text);
  // An operator has answered.
  void HumanWrites(absl::string_view conversation, absl::Time time);
  // Why nothing is done about the message, for people; empty: something is.
  std::string WhySilent(absl::string_view conversation, absl::Time time,
                        const Limits& limits);
  // Why there is no answer more, for people; empty: there is.
  std::string WhyNoAnswer(absl::string_view conversation, absl::Time time,
                          const Limits& limits);
  void Answered(absl::string_view conversation, absl::Time time);

  size_t conversations() const { return conversations_.size(); }

 private:
  struct Conversation {
    int in_a_row = 0;          // Answers since somebody else wrote.
    int repeats = 0;           // See kRepeatsMax.
    uint64_t text = 0;         // Hash of what the lead wrote last,
    bool is_repeat = false;    // which was answered before,
    bool is_answered = false;  // and now has been,
    bool is_refused = false;   // or not, because of kRepeatsMax.
    absl::Time human = absl::InfinitePast();  // When an operator wrote last.
    std::deque<uint64_t> answered_texts;
    std::deque<absl::Time> answers;  // Of the last hour.
  };

  RecentMap<Conversation> conversations_;
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_LOOP_GUARD_H_
