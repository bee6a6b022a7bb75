#include "client/responder/loop_guard.h"

#include <algorithm>
#include <functional>

namespace chatgate {

void LoopGuard::LeadWrites(absl::string_view conversation,
                           absl::string_view text) {
  Conversation& state = conversations_.Touch(conversation);
  // What stayed unanswered is no turn of a circle.
  if (!state.is_answered && !state.is_refused) state.repeats = 0;
  state.in_a_row = 0;
  state.is_answered = false;
  state.is_refused = false;
  state.text = std::hash<std::string>()(std::string(text));
  state.is_repeat =
      std::find(state.answered_texts.begin(), state.answered_texts.end(),
                state.text) != state.answered_texts.end();
  if (!state.is_repeat) state.repeats = 0;
}

void LoopGuard::HumanWrites(absl::string_view conversation, absl::Time time) {
  Conversation& state = conversations_.Touch(conversation);
  state.in_a_row = 0;
  state.human = std::max(state.human, time);
}

std::string LoopGuard::WhySilent(absl::string_view conversation,
                                 absl::Time time, const Limits& limits) {
  Conversation& state = conversations_.Touch(conversation);
  if (time - state.human < limits.human_silence) {
    return "an operator has answered";
  }
  state.is_refused =
      state.is_repeat && !state.is_answered && state.repeats >= kRepeatsMax;
  return state.is_refused ? "the same texts again and again" : "";
}

std::string LoopGuard::WhyNoAnswer(absl::string_view conversation,
                                   absl::Time time, const Limits& limits) {
  Conversation& state = conversations_.Touch(conversation);
  if (state.in_a_row >= limits.in_a_row_max) {
    return "enough answers in a row";
  }
  while (!state.answers.empty() &&
         time - state.answers.front() >= absl::Hours(1)) {
    state.answers.pop_front();
  }
  return static_cast<int>(state.answers.size()) >= limits.an_hour_max
             ? "enough answers within an hour"
             : "";
}

void LoopGuard::Answered(absl::string_view conversation, absl::Time time) {
  Conversation& state = conversations_.Touch(conversation);
  ++state.in_a_row;
  state.answers.push_back(time);
  if (state.is_answered) return;
  state.is_answered = true;
  if (state.is_repeat) {
    ++state.repeats;
    return;
  }
  state.answered_texts.push_back(state.text);
  if (state.answered_texts.size() > kTextsMax) state.answered_texts.pop_front();
}

}  // namespace chatgate
