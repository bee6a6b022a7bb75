#include "client/responder/answer_metrics.h"

#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

struct Outcome {
  absl::string_view name;
  int64_t AnswerCounts::*count;
};

constexpr Outcome kOutcomes[] = {{"answered", &AnswerCounts::answered},
                                 {"refused", &AnswerCounts::refused},
                                 {"repeated", &AnswerCounts::repeated},
                                 {"too_old", &AnswerCounts::too_old},
                                 {"guarded", &AnswerCounts::guarded}};

void AppendHead(absl::string_view name, absl::string_view help,
                std::string& text, absl::string_view type = "counter") {
  absl::StrAppend(&text, "# HELP ", name, " ", help, "\n# TYPE ", name, " ",
                  type, "\n");
}

}  // namespace

void AnswerMetrics::Count(int64_t AnswerCounts::*what, absl::string_view rule,
                          absl::string_view version) {
  MutexLock lock(mu_);
  ++(total_.*what);
  Pair pair{std::string(rule), std::string(version)};
  if (by_rule_.size() >= kPairsMax && by_rule_.count(pair) == 0) {
    pair = {"(other)", "(other)"};
  }
  ++(by_rule_[pair].*what);
}

void AnswerMetrics::CountGap(uint64_t events) {
  MutexLock lock(mu_);
  ++gaps_;
  events_missed_ += events;
}

void AnswerMetrics::CountReload(bool ok) {
  MutexLock lock(mu_);
  ++reloads_[ok ? 1 : 0];
}

void AnswerMetrics::SetWaiting(size_t events) {
  MutexLock lock(mu_);
  waiting_ = events;
}

AnswerCounts AnswerMetrics::total() const {
  MutexLock lock(mu_);
  return total_;
}

uint64_t AnswerMetrics::events_missed() const {
  MutexLock lock(mu_);
  return events_missed_;
}

std::string AnswerMetrics::Text() const {
  std::string text;
  MutexLock lock(mu_);
  AppendHead("chatgate_responder_answers_total",
             "Rules that matched, by what became of it.", text);
  for (const auto& [pair, counts] : by_rule_) {
    for (const Outcome& outcome : kOutcomes) {
      if (counts.*outcome.count == 0) continue;
      // Neither name can hold what would need an escape.
      absl::StrAppend(&text, "chatgate_responder_answers_total{rule=\"",
                      pair.first, "\",version=\"", pair.second, "\",outcome=\"",
                      outcome.name, "\"} ", counts.*outcome.count, "\n");
    }
  }
  AppendHead("chatgate_responder_gaps_total",
             "How often events were gone before they were seen.", text);
  absl::StrAppend(&text, "chatgate_responder_gaps_total ", gaps_, "\n");
  AppendHead("chatgate_responder_events_missed_total",
             "Positions that the gaps had.", text);
  absl::StrAppend(&text, "chatgate_responder_events_missed_total ",
                  events_missed_, "\n");
  AppendHead("chatgate_responder_events_waiting",
             "Events that are not done with.", text, "gauge");
  absl::StrAppend(&text, "chatgate_responder_events_waiting ", waiting_, "\n");
  AppendHead("chatgate_responder_reloads_total",
             "How often the rule file was read again.", text);
  absl::StrAppend(&text, "chatgate_responder_reloads_total{ok=\"true\"} ",
                  reloads_[1], "\n",
                  "chatgate_responder_reloads_total{ok=\"false\"} ",
                  reloads_[0], "\n");
  return text;
}

}  // namespace chatgate
