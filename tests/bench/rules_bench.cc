// rules_bench: what it costs to search a message for the rules of the
// responder, beside one RE2 after another and the first bot's loop in Python,
// on the same rules and messages. No message is ever seen twice. Exit code 1
// where two of them do not answer alike.
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/status_macros.h"
#include "tests/bench/bench_options.h"
#include "tests/bench/comparison.h"
#include "tests/bench/search_ways.h"

ABSL_FLAG(int, messages, 20'000, "Messages at most, a way.");

namespace chatgate {
namespace {

constexpr char kUnit[] = "us/message";
constexpr char kOneByOne[] = "one-by-one";
constexpr char kPython[] = "python";
// An RE2::Set of more takes minutes.
constexpr int kSetRulesMax = 100;

// One row's rules: every way in turn, round by round.
class Row {
 public:
  Row(int rules, bool patterns, Comparison& comparison)
      : name_(absl::StrCat(patterns ? "rules-patterns/" : "rules/", rules)),
        corpus_(MakeCorpus(rules, absl::GetFlag(FLAGS_messages), patterns)),
        patterns_(patterns),
        comparison_(comparison) {
    references_ = {{kOneByOne, MatchWay::kOneByOne},
                   {"filtered", MatchWay::kFiltered}};
    if (rules <= kSetRulesMax) {
      references_.emplace_back("re2-set", MatchWay::kSet);
    }
  }

  absl::Status Run() {
    for (int round = 0; round < comparison_.options().rounds; ++round) {
      RETURN_IF_ERROR(RunRound());
    }
    const Costs& ours = costs_["chatgate"];
    for (const auto& [way, costs] : costs_) {
      if (&costs == &ours) continue;
      comparison_.Record(name_, kUnit, way, ours.steady_us, costs.steady_us);
    }
    const Costs& one_by_one = costs_[kOneByOne];
    comparison_.Record(absl::StrCat(name_, "/first"), kUnit, kOneByOne,
                       ours.first_us, one_by_one.first_us);
    comparison_.Record(absl::StrCat(name_, "/memory"), "MiB", kOneByOne,
                       ours.resident_mb, one_by_one.resident_mb);
    return absl::OkStatus();
  }

 private:
  // One figure for each round.
  struct Costs {
    std::vector<double> steady_us;
    std::vector<double> first_us;
    std::vector<double> resident_mb;
  };

  absl::Status RunRound() {
    const absl::Duration time = comparison_.options().round;
    ASSIGN_OR_RETURN(const SearchCost ours,
                     MeasureSearch(MatchWay::kAutomatic, corpus_, time));
    Add("chatgate", ours);
    for (const auto& [name, way] : references_) {
      ASSIGN_OR_RETURN(const SearchCost cost,
                       MeasureSearch(way, corpus_, time));
      RETURN_IF_ERROR(CheckFound(name, cost.found, ours.found));
      Add(name, cost);
    }
    if (!python_) return absl::OkStatus();
    const absl::StatusOr<SearchCost> cost = MeasurePythonLoop(corpus_, time);
    if (!cost.ok()) {
      python_ = false;
      comparison_.Skip(name_, kPython, cost.status().message());
      return absl::OkStatus();
    }
    // Its \b knows Cyrillic letters, RE2's does not: of patterns it may find
    // something else.
    if (!patterns_) {
      RETURN_IF_ERROR(CheckFound(kPython, cost->found, ours.found));
    }
    Add(kPython, *cost);
    return absl::OkStatus();
  }

  void Add(const std::string& way, const SearchCost& cost) {
    costs_[way].steady_us.push_back(cost.steady_us);
    costs_[way].first_us.push_back(cost.first_us);
    costs_[way].resident_mb.push_back(cost.resident_mb);
  }

  absl::Status CheckFound(const std::string& way, int64_t found,
                          int64_t ours) const {
    if (found == ours) return absl::OkStatus();
    return absl::DataLossError(
        absl::StrCat(name_, ": ", way, " found ", found, ", chatgate ", ours));
  }

  const std::string name_;
  const Corpus corpus_;
  const bool patterns_;
  Comparison& comparison_;
  std::vector<std::pair<std::string, MatchWay>> references_;
  std::map<std::string, Costs> costs_;  // By way.
  bool python_ = true;                  // It is there.
};

absl::Status Run(Comparison& comparison) {
  for (const bool patterns : {false, true}) {
    for (const int rules : {10, 100, 1'000, 10'000}) {
      const std::string name =
          absl::StrCat(patterns ? "rules-patterns/" : "rules/", rules);
      if (!comparison.Wants(name, rules)) continue;
      RETURN_IF_ERROR(Row(rules, patterns, comparison).Run());
    }
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace chatgate

int main(int argc, char** argv) {
  chatgate::Comparison comparison(chatgate::ReadBenchOptions(
      argc, argv, "The responder's search against other ways."));
  if (absl::GetFlag(FLAGS_messages) < 1'000) {
    absl::FPrintF(stderr, "--messages must be 1000 or more\n");
    return 2;
  }
  comparison.PrintHead();
  const absl::Status status = chatgate::Run(comparison);
  if (status.ok()) return 0;
  absl::FPrintF(stderr, "rules_bench: %s\n", status.ToString());
  return 1;
}
