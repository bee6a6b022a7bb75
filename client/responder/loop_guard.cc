#include "client/responder/loop_guard.h"

#include <algorithm>
#include <functional>

namespace chatgate {

LoopGuard::LoopGuard(int answers_in_a_row_max, size_t conversations_max)
    : answers_in_a_row_max_(answers_in_a_row_max),
      conversations_max_(conversations_max) {}

void LoopGuard::LeadWrites(absl::string_view conversation,
                           absl::string_view text) {
  Conversation& state = Touch(conversation);
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

bool LoopGuard::MayAnswer(absl::string_view conversation) {
  Conversation& state = Touch(conversation);
  if (state.in_a_row >= answers_in_a_row_max_) return false;
  state.is_refused =
      state.is_repeat && !state.is_answered && state.repeats >= kRepeatsMax;
  return !state.is_refused;
}

void LoopGuard::Answered(absl::string_view conversation) {
  Conversation& state = Touch(conversation);
  ++state.in_a_row;
  if (state.is_answered) return;
  state.is_answered = true;
  if (state.is_repeat) {
    ++state.repeats;
    return;
  }
  state.answered_texts.push_back(state.text);
  if (state.answered_texts.size() > kTextsMax) state.answered_texts.pop_front();
}

LoopGuard::Conversation& LoopGuard::Touch(absl::string_view name) {
  const auto found = by_name_.find(std::string(name));
  if (found != by_name_.end()) {
    order_.splice(order_.begin(), order_, found->second);
    return order_.front();
  }
  if (order_.size() >= conversations_max_) {
    by_name_.erase(order_.back().name);
    order_.pop_back();
  }
  order_.emplace_front();
  order_.front().name = std::string(name);
  by_name_[order_.front().name] = order_.begin();
  return order_.front();
}

}  // namespace chatgate
