#include "client/responder/decider.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "absl/strings/str_cat.h"
#include "client/responder/capture.h"
#include "client/responder/reply_template.h"

namespace chatgate {
namespace {

constexpr size_t kOwnPartsMax = 1'000;

std::string UseKey(const v1::Rule& rule, absl::string_view conversation) {
  return absl::StrCat(conversation, " ", rule.id());
}

absl::Duration CooldownOf(const v1::Rule& rule) {
  return absl::Seconds(rule.cooldown().seconds()) +
         absl::Nanoseconds(rule.cooldown().nanos());
}

LoopGuard::Limits LimitsOf(const RuleSet& rules) {
  return {rules.answers_in_a_row_max(), rules.answers_an_hour_max(),
          rules.human_silence()};
}

// Rules without any of these need no memory.
bool HasUses(const v1::Rule& rule) {
  return rule.has_cooldown() || rule.per_conversation_max() > 0 ||
         std::any_of(rule.actions().begin(), rule.actions().end(),
                     [](const v1::Action& action) {
                       return !action.reply().alternatives().empty();
                     });
}

// The text whose turn it is. Each conversation begins somewhere else.
const std::string& Turn(const v1::Reply& reply, absl::string_view conversation,
                        int times) {
  const int bodies = reply.body().empty() ? 0 : 1;
  const int count = bodies + reply.alternatives_size();
  if (count <= 1) {
    return bodies == 1 ? reply.body() : reply.alternatives(0);
  }
  const size_t first = std::hash<std::string>()(std::string(conversation));
  const int turn = static_cast<int>((first % count + times) % count);
  return turn < bodies ? reply.body() : reply.alternatives(turn - bodies);
}

bool SpeaksToLead(const v1::Action& action) {
  return action.has_reply() && action.reply().type() != "note";
}

}  // namespace

absl::Time ReceivedTime(const v1::Event& event) {
  return absl::FromUnixSeconds(event.received_time().seconds()) +
         absl::Nanoseconds(event.received_time().nanos());
}

Decider::Decider(DeciderOptions options)
    : options_(options),
      guard_(options.conversations_max),
      uses_(options.uses_max) {}

Decision Decider::Decide(const RuleSet& rules, const v1::Event& event) {
  Decision decision;
  if (!event.has_dashly_conversation()) return decision;
  const v1::ConversationPart& part = event.dashly_conversation().conversation();
  if (part.conversation() == 0 || IsOwn(part)) return decision;
  const std::string conversation =
      absl::StrCat(event.app_id(), " ", part.conversation());
  if (IsFromHuman(part)) {
    guard_.HumanWrites(conversation, ReceivedTime(event));
  }
  if (!IsFromLead(part)) return decision;
  const absl::string_view text =
      absl::string_view(part.body()).substr(0, options_.text_bytes_max);
  guard_.LeadWrites(conversation, text);
  for (const int rule : rules.FindAll(text)) {
    std::string why = WhyPassedOver(rules, rule, event, conversation);
    if (!why.empty()) {
      decision.silences.push_back({rule, std::move(why), false});
      continue;
    }
    Consider(rules, rule, event, conversation, decision);
    if (!rules.file().rules(rule).go_on()) break;
  }
  return decision;
}

void Decider::AddOwnPart(uint64_t part_id) {
  if (part_id == 0) return;
  own_parts_.push_back(part_id);
  if (own_parts_.size() > kOwnPartsMax) own_parts_.pop_front();
}

bool Decider::IsFromHuman(const v1::Event& event) const {
  const v1::ConversationPart& part = event.dashly_conversation().conversation();
  return !IsOwn(part) && IsFromHuman(part);
}

bool Decider::IsOwn(const v1::ConversationPart& part) const {
  return std::find(own_parts_.begin(), own_parts_.end(), part.id()) !=
         own_parts_.end();
}

// A message that is edited or removed comes again, and was answered before.
bool Decider::IsFromLead(const v1::ConversationPart& part) const {
  return part.direction() == "u2a" && part.edited().empty() &&
         part.removed().empty() && !part.sender().has_admin() &&
         !part.sender().has_message_sender() &&
         (part.type() == "reply_user" || part.type() == "chat_bot_user");
}

// Bots are of the type `bot`, and automatic messages are not an admin's own.
bool Decider::IsFromHuman(const v1::ConversationPart& part) const {
  return part.direction() == "a2u" && part.type() == "reply_admin" &&
         part.sender().has_admin() && part.sender().admin().id() != 0 &&
         part.sender().admin().type() != "bot" &&
         part.sent_via() != "message_auto" &&
         part.sent_via() != "message_manual";
}

std::string Decider::WhyPassedOver(const RuleSet& rules, int rule,
                                   const v1::Event& event,
                                   absl::string_view conversation) const {
  if (std::string why = rules.conditions(rule).WhyNot(event); !why.empty()) {
    return absl::StrCat("condition: ", why);
  }
  const v1::Rule& found = rules.file().rules(rule);
  const Use* use = uses_.Find(UseKey(found, conversation));
  if (use == nullptr) return "";
  if (found.per_conversation_max() > 0 &&
      use->times >= found.per_conversation_max()) {
    return "per_conversation_max";
  }
  return ReceivedTime(event) - use->last < CooldownOf(found) ? "cooldown" : "";
}

int Decider::CountUse(const v1::Rule& rule, absl::string_view conversation,
                      absl::Time time) {
  if (!HasUses(rule)) return 0;
  Use& use = uses_.Touch(UseKey(rule, conversation));
  use.last = time;
  return use.times++;
}

void Decider::Consider(const RuleSet& rules, int rule, const v1::Event& event,
                       absl::string_view conversation, Decision& decision) {
  const v1::Rule& found = rules.file().rules(rule);
  const absl::Time time = ReceivedTime(event);
  std::optional<Captures> captures;
  std::optional<int> times;
  const auto fill = [&](const std::string& text) {
    const ReplyTemplate body(text);
    if (!captures.has_value() && !body.captures().empty()) {
      captures = CapturesIn(
          found.match(),
          absl::string_view(event.dashly_conversation().conversation().body())
              .substr(0, options_.text_bytes_max));
    }
    return body.Fill(captures.value_or(Captures()), event);
  };
  // A rule that was begun is done to its end, but for answers beyond the
  // limits.
  const std::string silent =
      guard_.WhySilent(conversation, time, LimitsOf(rules));
  for (int i = 0; i < found.actions_size(); ++i) {
    const v1::Action& action = found.actions(i);
    std::string why = silent;
    if (why.empty() && SpeaksToLead(action)) {
      why = guard_.WhyNoAnswer(conversation, time, LimitsOf(rules));
    }
    if (!why.empty()) {
      decision.silences.push_back({rule, std::move(why), true});
      continue;
    }
    if (!times.has_value()) times = CountUse(found, conversation, time);
    Decision::Act act{rule, i, ""};
    if (action.has_note()) act.body = fill(action.note().body());
    if (action.has_reply()) {
      act.body = fill(Turn(action.reply(), conversation, *times));
    }
    if (SpeaksToLead(action)) guard_.Answered(conversation, time);
    decision.acts.push_back(std::move(act));
  }
}

}  // namespace chatgate
