#include "client/responder/replay.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/printable.h"
#include "client/responder/action_call.h"
#include "client/responder/decider.h"
#include "client/subscription.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

using Write = std::function<void(const std::string&)>;

constexpr size_t kTextBytesMax = 120;
// A gateway says where a stream begins as soon as it is opened.
constexpr absl::Duration kFirstWordMax = absl::Seconds(10);

std::string Shown(absl::string_view text) {
  return absl::StrCat("\"", Printable(text, kTextBytesMax), "\"");
}

// One rule file going through history.
class Run {
 public:
  explicit Run(const RuleSet& rules)
      : rules_(rules), decider_(DeciderOptions()) {}

  // What it would do about the event, a line for each act.
  std::vector<std::string> Take(const v1::Event& event) {
    const Decision decision = decider_.Decide(rules_, event);
    std::vector<std::string> lines;
    for (const Decision::Act& act : decision.acts) {
      const v1::Rule& rule = rules_.file().rules(act.rule);
      const absl::string_view rpc = RpcOf(rule.actions(act.action));
      ++calls_[std::string(rpc)];
      lines.push_back(absl::StrCat(
          rule.id(), ": ", rpc,
          act.body.empty() ? "" : absl::StrCat(" ", Shown(act.body))));
      CountInMinute(ReceivedTime(event));
    }
    if (!decision.acts.empty()) ++answered_;
    for (const Decision::Silence& silence : decision.silences) {
      if (silence.is_guard) ++silences_;
    }
    return lines;
  }

  std::string Summary() const {
    int64_t sum = 0;
    std::vector<std::string> by_rpc;
    for (const auto& [rpc, count] : calls_) {
      sum += count;
      by_rpc.push_back(absl::StrCat(rpc, " ", count));
    }
    return absl::StrCat("rules ", rules_.file().version(), ": ", answered_,
                        " messages answered, ", silences_,
                        " times silent by a guard; cost ", sum, " requests",
                        by_rpc.empty() ? "" : " (", absl::StrJoin(by_rpc, ", "),
                        by_rpc.empty() ? "" : ")", ", at most ",
                        in_a_minute_max_, " within a minute");
  }

 private:
  void CountInMinute(absl::Time time) {
    last_minute_.push_back(time);
    while (time - last_minute_.front() >= absl::Minutes(1)) {
      last_minute_.pop_front();
    }
    in_a_minute_max_ = std::max(in_a_minute_max_, last_minute_.size());
  }

  const RuleSet& rules_;
  Decider decider_;
  std::map<std::string, int64_t> calls_;  // By RPC.
  int64_t answered_ = 0;
  int64_t silences_ = 0;
  std::deque<absl::Time> last_minute_;  // When its calls would have been.
  size_t in_a_minute_max_ = 0;
};

// Those of `a` that are not in `b`.
std::vector<std::string> Without(std::vector<std::string> a,
                                 const std::vector<std::string>& b) {
  const std::set<std::string> others(b.begin(), b.end());
  a.erase(std::remove_if(
              a.begin(), a.end(),
              [&](const std::string& line) { return others.count(line) > 0; }),
          a.end());
  return a;
}

class Comparison {
 public:
  Comparison(const RuleSet& rules, const RuleSet* against, const Write& write)
      : first_(rules), write_(write) {
    if (against != nullptr) second_.emplace(*against);
  }

  void Take(const v1::Event& event) {
    const v1::ConversationPart& part =
        event.dashly_conversation().conversation();
    if (part.direction() == "u2a") ++messages_;
    const std::vector<std::string> ours = first_.Take(event);
    if (!second_.has_value()) {
      if (!ours.empty()) Tell(event, ours, "", {}, "");
      return;
    }
    const std::vector<std::string> theirs = second_->Take(event);
    if (ours == theirs) return;
    ++differ_;
    Tell(event, Without(ours, theirs), "- ", Without(theirs, ours), "+ ");
  }

  void WriteSummary() const {
    write_(absl::StrCat(messages_, " messages"));
    write_(first_.Summary());
    if (!second_.has_value()) return;
    write_(second_->Summary());
    write_(absl::StrCat(differ_, " messages are treated differently"));
  }

 private:
  void Tell(const v1::Event& event, const std::vector<std::string>& a,
            absl::string_view sign_a, const std::vector<std::string>& b,
            absl::string_view sign_b) const {
    write_(
        absl::StrCat(absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ",
                                      ReceivedTime(event), absl::UTCTimeZone()),
                     " ", event.conversation(), " ",
                     Shown(event.dashly_conversation().conversation().body())));
    for (const std::string& line : a) {
      write_(absl::StrCat("  ", sign_a, line));
    }
    for (const std::string& line : b) {
      write_(absl::StrCat("  ", sign_b, line));
    }
  }

  Run first_;
  std::optional<Run> second_;
  const Write& write_;
  int64_t messages_ = 0;
  int64_t differ_ = 0;
};

v1::EventFilter Filter() {
  v1::EventFilter filter;
  filter.add_kinds(v1::EVENT_KIND_DASHLY_CONVERSATION);
  return filter;
}

// The position before the first event that was received at `time` or later.
// Somebody waits: a gateway that is not there is told at once.
absl::StatusOr<std::string> CursorAt(ChatClient& client, absl::Time time) {
  SubscriptionOptions options;
  const int64_t seconds = absl::ToUnixSeconds(time);
  options.request.mutable_start_time()->set_seconds(seconds);
  options.request.mutable_start_time()->set_nanos(static_cast<int>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  // Nothing passes this filter, so the first response has no event.
  options.request.mutable_filter()->add_conversations("dashly:none");
  options.silence_max = kFirstWordMax;
  Subscription* stream = nullptr;
  absl::Status lost;
  options.on_retry = [&](const absl::Status& why, absl::Duration /*wait*/) {
    lost = why;
    stream->Stop();
  };
  const std::unique_ptr<Subscription> owned =
      Subscription::Start(client, std::move(options));
  stream = owned.get();
  const absl::StatusOr<v1::SubscribeResponse> first = stream->Next();
  if (!lost.ok()) return lost;
  if (!first.ok()) return first.status();
  return first->cursor();
}

}  // namespace

absl::StatusOr<ReplayRange> ParseReplayRange(const std::string& text) {
  const size_t dots = text.find("..");
  ReplayRange range;
  if (dots == std::string::npos || dots == 0) {
    return absl::InvalidArgumentError(
        "--replay is FROM..TO: earliest, a time such as 2026-01-31T12:00:00Z, "
        "or a cursor; then a time or latest");
  }
  range.from = text.substr(0, dots);
  const std::string to = text.substr(dots + 2);
  if (to != "latest" &&
      !absl::ParseTime(absl::RFC3339_full, to, &range.to, nullptr)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "TO is latest or a time such as 2026-01-31T12:00:00Z, not \"", to,
        "\""));
  }
  return range;
}

absl::Status Replay(ChatClient& client, const ReplayRange& range,
                    const RuleSet& rules, const RuleSet* against,
                    const Write& write) {
  v1::ListEventsRequest request;
  *request.mutable_filter() = Filter();
  request.set_page_size(50);
  absl::Time from;
  if (absl::ParseTime(absl::RFC3339_full, range.from, &from, nullptr)) {
    ASSIGN_OR_RETURN(*request.mutable_cursor(), CursorAt(client, from));
  } else if (range.from != "earliest") {
    request.set_cursor(range.from);
  }
  Comparison comparison(rules, against, write);
  bool is_over = false;
  while (!is_over) {
    v1::ListEventsResponse page;
    RETURN_IF_ERROR(client.ListEvents(request, &page));
    if (page.has_gap()) {
      write(absl::StrCat("events ", page.gap().first_seq(), " to ",
                         page.gap().last_seq(), " are gone"));
    }
    for (const v1::Event& event : page.events()) {
      is_over = is_over || ReceivedTime(event) >= range.to;
      if (!is_over) comparison.Take(event);
    }
    is_over = is_over || page.next_page_token().empty();
    request.clear_cursor();
    request.set_page_token(page.next_page_token());
  }
  comparison.WriteSummary();
  return absl::OkStatus();
}

}  // namespace chatgate
