#include "client/responder/conditions.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace chatgate {
namespace {

using Texts = google::protobuf::RepeatedPtrField<std::string>;

constexpr absl::string_view kDays[] = {"mon", "tue", "wed", "thu",
                                       "fri", "sat", "sun"};
constexpr int kListMax = 1'000;

bool Contains(const Texts& list, absl::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool Share(const Texts& a, const Texts& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& text) {
    return Contains(b, text);
  });
}

// True where `a` is not empty and `b` has all of it.
bool AllIn(const Texts& a, const Texts& b) {
  return !a.empty() && std::all_of(a.begin(), a.end(), [&](const auto& text) {
    return Contains(b, text);
  });
}

// Minutes of `HH:MM`, or -1.
int MinutesOf(absl::string_view text) {
  int hours = 0;
  int minutes = 0;
  if (text.size() != 5 || text[2] != ':' ||
      !absl::SimpleAtoi(text.substr(0, 2), &hours) ||
      !absl::SimpleAtoi(text.substr(3), &minutes) || hours < 0 || minutes < 0 ||
      minutes > 59 || hours * 60 + minutes > 24 * 60) {
    return -1;
  }
  return hours * 60 + minutes;
}

int DayOf(absl::string_view name) {
  const auto found = std::find(std::begin(kDays), std::end(kDays), name);
  return found == std::end(kDays) ? -1
                                  : static_cast<int>(found - std::begin(kDays));
}

void CheckHours(const v1::BusinessHours& hours, absl::string_view zone,
                std::vector<ConditionProblem>& problems) {
  absl::TimeZone ignored;
  if (!hours.time_zone().empty()) zone = hours.time_zone();
  if (!LoadZone(zone, &ignored)) {
    problems.push_back({"when.hours.time_zone",
                        absl::StrCat("there is no time zone \"", zone, "\"")});
  }
  if (hours.open().empty()) {
    problems.push_back({"when.hours", "the hours have no `open`"});
  }
  for (int i = 0; i < hours.open_size(); ++i) {
    const v1::OpenHours& open = hours.open(i);
    const std::string field = absl::StrCat("when.hours.open[", i, "]");
    for (int d = 0; d < open.days_size(); ++d) {
      if (DayOf(open.days(d)) >= 0) continue;
      problems.push_back({absl::StrCat(field, ".days[", d, "]"),
                          absl::StrCat("a day is ", absl::StrJoin(kDays, ", "),
                                       ", not \"", open.days(d), "\"")});
    }
    if (MinutesOf(open.from()) < 0 || MinutesOf(open.to()) < 0) {
      problems.push_back({field, "`from` and `to` are times such as 09:00"});
    } else if (open.from() == open.to()) {
      problems.push_back(
          {field, "`from` and `to` are the same: the hours are never"});
    }
  }
}

}  // namespace

bool LoadZone(absl::string_view name, absl::TimeZone* zone) {
  *zone = absl::UTCTimeZone();
  return name.empty() || absl::LoadTimeZone(name, zone);
}

std::vector<ConditionProblem> CheckConditions(const v1::Conditions& conditions,
                                              absl::string_view zone) {
  std::vector<ConditionProblem> problems;
  const auto never = [&](absl::string_view field, absl::string_view why) {
    problems.push_back({absl::StrCat("when.", field),
                        absl::StrCat("the rule can never match: ", why)});
  };
  if (!conditions.directions().empty() &&
      !Contains(conditions.directions(), "u2a")) {
    never("directions", "only u2a is answered");
  }
  if (!conditions.part_types().empty() &&
      !Contains(conditions.part_types(), "reply_user") &&
      !Contains(conditions.part_types(), "chat_bot_user")) {
    never("part_types", "only reply_user and chat_bot_user are answered");
  }
  if (AllIn(conditions.tags(), conditions.without_tags())) {
    never("tags", "without_tags has all of them");
  }
  if (std::max({conditions.channels_size(), conditions.tags_size(),
                conditions.without_tags_size()}) > kListMax) {
    problems.push_back({"when", "a list has more than 1000 entries"});
  }
  if (conditions.has_hours()) CheckHours(conditions.hours(), zone, problems);
  return problems;
}

ConditionSet::ConditionSet(const v1::Conditions& conditions,
                           absl::string_view zone)
    : conditions_(conditions) {
  const v1::BusinessHours& hours = conditions_.hours();
  LoadZone(hours.time_zone().empty() ? zone : hours.time_zone(), &zone_);
  for (const v1::OpenHours& open : hours.open()) {
    Span span{{}, MinutesOf(open.from()), MinutesOf(open.to())};
    if (!open.days().empty()) span.days.resize(7);
    for (const std::string& day : open.days()) span.days[DayOf(day)] = true;
    spans_.push_back(std::move(span));
  }
}

bool ConditionSet::IsOpen(absl::Time time) const {
  const absl::TimeZone::CivilInfo local = zone_.At(time);
  const int minute = local.cs.hour() * 60 + local.cs.minute();
  const int today = static_cast<int>(absl::GetWeekday(local.cs));
  const int yesterday = (today + 6) % 7;
  for (const Span& span : spans_) {
    const auto has = [&](int day) {
      return span.days.empty() || span.days[day];
    };
    if (span.from < span.to) {
      if (has(today) && minute >= span.from && minute < span.to) return true;
      continue;
    }
    if (has(today) && minute >= span.from) return true;
    if (has(yesterday) && minute < span.to) return true;
  }
  return false;
}

std::string ConditionSet::WhyNot(const v1::Event& event) const {
  const v1::ConversationPart& part = event.dashly_conversation().conversation();
  if (!conditions_.directions().empty() &&
      !Contains(conditions_.directions(), part.direction())) {
    return "direction";
  }
  if (!conditions_.part_types().empty() &&
      !Contains(conditions_.part_types(), part.type())) {
    return "part type";
  }
  if (!conditions_.channels().empty() &&
      !Contains(conditions_.channels(), part.channel().name()) &&
      !Contains(conditions_.channels(), absl::StrCat(part.channel().id()))) {
    return "channel";
  }
  if (!conditions_.tags().empty() &&
      !Share(conditions_.tags(), part.conversation_tags())) {
    return "tags";
  }
  if (Share(conditions_.without_tags(), part.conversation_tags())) {
    return "without_tags";
  }
  if (conditions_.first_message_only() && !part.first()) {
    return "not the first message";
  }
  if (conditions_.has_hours() &&
      IsOpen(absl::FromUnixSeconds(event.received_time().seconds())) ==
          conditions_.hours().outside()) {
    return "hours";
  }
  return "";
}

bool MayBothHold(const v1::Conditions& a, const v1::Conditions& b) {
  const auto apart = [](const Texts& x, const Texts& y) {
    return !x.empty() && !y.empty() && !Share(x, y);
  };
  if (apart(a.channels(), b.channels()) ||
      apart(a.part_types(), b.part_types()) ||
      AllIn(a.tags(), b.without_tags()) || AllIn(b.tags(), a.without_tags())) {
    return false;
  }
  if (!a.has_hours() || !b.has_hours()) return true;
  v1::BusinessHours other = b.hours();
  other.set_outside(!other.outside());
  return !google::protobuf::util::MessageDifferencer::Equals(a.hours(), other);
}

}  // namespace chatgate
