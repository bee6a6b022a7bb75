#include "client/fake_upstream/fault.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace chatgate {
namespace {

constexpr std::pair<Fault, absl::string_view> kNames[] = {
    {Fault::kNone, "none"},
    {Fault::kDelay, "delay"},
    {Fault::kDropBefore, "drop_before"},
    {Fault::kDropAfter, "drop_after"},
    {Fault::kTooMany, "too_many"},
    {Fault::kError500, "error_500"},
    {Fault::kHtml, "html"},
    {Fault::kHalfBody, "half_body"},
    {Fault::kWrongJson, "wrong_json"},
    {Fault::kDrip, "drip"},
};

constexpr absl::Duration kDelayDefault = absl::Seconds(1);
constexpr absl::Duration kDripDefault = absl::Milliseconds(100);
constexpr absl::Duration kDelayMax = absl::Minutes(10);

absl::Status Wrong(absl::string_view entry, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("faults: `", entry, "` ", why));
}

absl::StatusOr<Fault> FaultOf(absl::string_view entry, absl::string_view name) {
  for (const auto& [fault, known] : kNames) {
    if (fault != Fault::kNone && known == name) return fault;
  }
  return Wrong(entry,
               "names no fault; there are delay, drop_before, "
               "drop_after, too_many, error_500, html, half_body, "
               "wrong_json and drip");
}

}  // namespace

absl::string_view FaultName(Fault fault) {
  for (const auto& [known, name] : kNames) {
    if (known == fault) return name;
  }
  return "none";
}

absl::StatusOr<FaultPlan> FaultPlan::Parse(absl::string_view text,
                                           uint64_t seed) {
  std::vector<Share> shares;
  double sum = 0;
  for (absl::string_view entry :
       absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    const std::pair<absl::string_view, absl::string_view> halves =
        absl::StrSplit(entry, absl::MaxSplits('=', 1));
    const std::pair<absl::string_view, absl::string_view> value =
        absl::StrSplit(halves.second, absl::MaxSplits(':', 1));
    const absl::StatusOr<Fault> fault = FaultOf(entry, halves.first);
    if (!fault.ok()) return fault.status();
    Share share{.percent = 0, .draw = {.fault = *fault, .delay = {}}};
    if (!absl::SimpleAtod(value.first, &share.percent) ||
        !(share.percent >= 0 && share.percent <= 100)) {
      return Wrong(entry, "needs percent from 0 to 100, such as delay=5");
    }
    const bool timed = *fault == Fault::kDelay || *fault == Fault::kDrip;
    share.draw.delay = *fault == Fault::kDelay ? kDelayDefault : kDripDefault;
    if (!value.second.empty() &&
        (!timed || !absl::ParseDuration(value.second, &share.draw.delay) ||
         share.draw.delay < absl::ZeroDuration() ||
         share.draw.delay > kDelayMax)) {
      return Wrong(entry,
                   "has a duration that is none, or takes none: only "
                   "delay and drip do, up to 10m");
    }
    sum += share.percent;
    shares.push_back(share);
  }
  if (sum > 100) {
    return absl::InvalidArgumentError("faults: more than 100 percent in all");
  }
  return FaultPlan(std::move(shares), seed);
}

FaultPlan::FaultPlan(std::vector<Share> shares, uint64_t seed)
    : shares_(std::move(shares)), random_(seed) {}

// Nobody else has it yet.
FaultPlan::FaultPlan(FaultPlan&& other) noexcept ABSL_NO_THREAD_SAFETY_ANALYSIS
    : shares_(std::move(other.shares_)),
      random_(other.random_) {}

FaultPlan::Draw FaultPlan::Next() {
  MutexLock lock(mu_);
  double drawn = std::uniform_real_distribution<double>(0, 100)(random_);
  for (const Share& share : shares_) {
    if (drawn < share.percent) return share.draw;
    drawn -= share.percent;
  }
  return {};
}

}  // namespace chatgate
