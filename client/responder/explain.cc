#include "client/responder/explain.h"

#include <re2/re2.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/responder/action_call.h"
#include "client/responder/capture.h"
#include "client/responder/decider.h"

namespace chatgate {
namespace {

v1::Event EventOf(absl::string_view text, absl::Time now) {
  v1::Event event;
  event.set_id("explained");
  event.mutable_received_time()->set_seconds(absl::ToUnixSeconds(now));
  v1::ConversationPart& part =
      *event.mutable_dashly_conversation()->mutable_conversation();
  part.set_id(1);
  part.set_conversation(1);
  part.set_first(true);
  part.set_direction("u2a");
  part.set_type("reply_user");
  part.set_body(std::string(text));
  part.mutable_sender()->set_user_id(1);
  return event;
}

void AddFound(const v1::Match& match, absl::string_view text,
              std::string& out) {
  const auto add = [&](absl::string_view kind, const std::string& what,
                       bool is_phrase) {
    if (RE2::PartialMatch(re2::StringPiece(text.data(), text.size()),
                          *CompileExpression({what, is_phrase}))) {
      absl::StrAppend(&out, "  found the ", kind, " \"", what, "\"\n");
    }
  };
  for (const std::string& phrase : match.phrases()) add("phrase", phrase, true);
  for (const std::string& pattern : match.patterns()) {
    add("pattern", pattern, false);
  }
  for (const v1::Match& any : match.any()) AddFound(any, text, out);
  for (const v1::Match& all : match.all()) AddFound(all, text, out);
}

std::string Seconds(const google::protobuf::Duration& time) {
  return absl::FormatDuration(absl::Seconds(time.seconds()) +
                              absl::Nanoseconds(time.nanos()));
}

void AddGuards(const v1::Rule& rule, std::string& out) {
  if (rule.has_cooldown()) {
    absl::StrAppend(&out, "  rests for ", Seconds(rule.cooldown()),
                    " in a conversation\n");
  }
  if (rule.per_conversation_max() > 0) {
    absl::StrAppend(&out, "  acts at most ", rule.per_conversation_max(),
                    " times in a conversation\n");
  }
}

std::string Verdict(const Decision& decision, int rule) {
  const bool acts =
      std::any_of(decision.acts.begin(), decision.acts.end(),
                  [&](const Decision::Act& act) { return act.rule == rule; });
  for (const Decision::Silence& silence : decision.silences) {
    if (silence.rule != rule) continue;
    return absl::StrCat(
        acts ? "acts, but not with every action: " : "is passed over: ",
        silence.why);
  }
  if (acts) return "acts";
  return "is not reached: one before it acts and does not go on";
}

}  // namespace

std::string Explain(const RuleSet& rules, absl::string_view text,
                    absl::Time now) {
  Decider decider{DeciderOptions()};
  const Decision decision = decider.Decide(rules, EventOf(text, now));
  const std::vector<int> matching = rules.FindAll(text);
  std::string out;
  for (const int index : matching) {
    const v1::Rule& rule = rules.file().rules(index);
    absl::StrAppend(&out, "rule \"", rule.id(), "\" (priority ",
                    rule.priority(), ") ", Verdict(decision, index), "\n");
    AddFound(rule.match(), text, out);
    for (const auto& [name, value] : CapturesIn(rule.match(), text)) {
      absl::StrAppend(&out, "  captured {", name, "} = \"", value, "\"\n");
    }
    AddGuards(rule, out);
    for (const Decision::Act& act : decision.acts) {
      if (act.rule != index) continue;
      absl::StrAppend(
          &out, "  ", act.action + 1, ". ", RpcOf(rule.actions(act.action)),
          act.body.empty() ? "" : absl::StrCat(" \"", act.body, "\""), "\n");
    }
  }
  if (matching.empty()) out = "no rule matches\n";
  absl::StrAppend(
      &out, "guards: ", rules.answers_in_a_row_max(), " answers in a row, ",
      rules.answers_an_hour_max(), " within an hour, silent for ",
      absl::FormatDuration(rules.human_silence()), " after an operator\n");
  return out;
}

}  // namespace chatgate
