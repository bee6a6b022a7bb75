#include "client/fake_upstream/request_limit.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

constexpr absl::Duration kWindow = absl::Seconds(60);

}  // namespace

absl::StatusOr<LimitKind> ParseLimitKind(absl::string_view word) {
  if (word == "fixed") return LimitKind::kFixedWindow;
  if (word == "sliding") return LimitKind::kSlidingWindow;
  if (word == "bucket") return LimitKind::kTokenBucket;
  return absl::InvalidArgumentError(absl::StrCat(
      "limit_kind: `", word, "` is none of fixed, sliding and bucket"));
}

RequestLimit::RequestLimit(LimitKind kind, int a_minute, absl::Time now)
    : kind_(kind), a_minute_(a_minute), window_(now), tokens_(a_minute) {}

bool RequestLimit::Admit(absl::Time now) {
  if (a_minute_ == 0) return true;
  MutexLock lock(mu_);
  switch (kind_) {
    case LimitKind::kFixedWindow:
      return AdmitInWindow(now);
    case LimitKind::kSlidingWindow:
      return AdmitSliding(now);
    case LimitKind::kTokenBucket:
      return AdmitFromBucket(now);
  }
  return false;
}

bool RequestLimit::AdmitInWindow(absl::Time now) {
  if (now - window_ >= kWindow) {
    window_ += absl::Floor(now - window_, kWindow);
    in_window_ = 0;
  }
  if (in_window_ == a_minute_) return false;
  ++in_window_;
  return true;
}

bool RequestLimit::AdmitSliding(absl::Time now) {
  while (!admitted_.empty() && now - admitted_.front() >= kWindow) {
    admitted_.pop_front();
  }
  if (static_cast<int>(admitted_.size()) == a_minute_) return false;
  admitted_.push_back(now);
  return true;
}

bool RequestLimit::AdmitFromBucket(absl::Time now) {
  tokens_ = std::min<double>(
      a_minute_,
      tokens_ + absl::FDivDuration(now - window_, kWindow) * a_minute_);
  window_ = std::max(window_, now);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

}  // namespace chatgate
