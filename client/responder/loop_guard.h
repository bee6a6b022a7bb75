#ifndef CHATGATE_CLIENT_RESPONDER_LOOP_GUARD_H_
#define CHATGATE_CLIENT_RESPONDER_LOOP_GUARD_H_

#include <cstdint>
#include <deque>
#include <list>
#include <string>
#include <unordered_map>

#include "absl/strings/string_view.h"

namespace chatgate {

// LoopGuard says when to keep silent in a conversation, so that a responder
// never talks without end:
//
//   * after so many answers in a row, without the lead writing in between;
//   * after ten answered messages in a row whose texts were all answered
//   before:
//     two bots that take each other for leads go round in circles, people do
//     not.
//
//   guard.LeadWrites("777 dashly:1", text);
//   if (guard.MayAnswer("777 dashly:1")) { Send(...); guard.Answered(...); }
//
// Remembers the last conversations only, and nothing over a restart.
// Threads: one at a time.
class LoopGuard {
 public:
  static constexpr int kRepeatsMax = 10;
  static constexpr size_t kTextsMax = 16;  // Of one conversation.

  LoopGuard(int answers_in_a_row_max, size_t conversations_max);

  // The lead has written a message, of which the next answers speak.
  void LeadWrites(absl::string_view conversation, absl::string_view text);
  bool MayAnswer(absl::string_view conversation);
  void Answered(absl::string_view conversation);

  size_t conversations() const { return order_.size(); }

 private:
  struct Conversation {
    std::string name;
    int in_a_row = 0;          // Answers since the lead wrote.
    int repeats = 0;           // See kRepeatsMax.
    uint64_t text = 0;         // Hash of what the lead wrote last,
    bool is_repeat = false;    // which was answered before,
    bool is_answered = false;  // and now has been,
    bool is_refused = false;   // or not, because of kRepeatsMax.
    std::deque<uint64_t> answered_texts;
  };

  // Found or made, and made the last to be forgotten.
  Conversation& Touch(absl::string_view name);

  const int answers_in_a_row_max_;
  const size_t conversations_max_;
  std::list<Conversation> order_;  // Last touched first.
  std::unordered_map<std::string, std::list<Conversation>::iterator> by_name_;
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_LOOP_GUARD_H_
