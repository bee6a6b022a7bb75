#include "tests/budget/platform_models.h"

#include <algorithm>

namespace chatgate {
namespace {

constexpr absl::Duration kWindow = absl::Seconds(60);

class FixedWindow final : public PlatformModel {
 public:
  FixedWindow(int limit, absl::Duration phase) : limit_(limit), phase_(phase) {}
  bool Arrive(absl::Time now) override {
    const int64_t window = (now - absl::UnixEpoch() + phase_) / kWindow;
    if (window != window_) {
      window_ = window;
      count_ = 0;
    }
    return ++count_ <= limit_;
  }

 private:
  const int limit_;
  const absl::Duration phase_;
  int64_t window_ = 0;
  int count_ = 0;
};

class SlidingWindow final : public PlatformModel {
 public:
  explicit SlidingWindow(size_t limit) : limit_(limit) {}
  bool Arrive(absl::Time now) override {
    while (!arrivals_.empty() && arrivals_.front() < now - kWindow) {
      arrivals_.pop_front();
    }
    arrivals_.push_back(now);
    return arrivals_.size() <= limit_;
  }

 private:
  const size_t limit_;
  std::deque<absl::Time> arrivals_;
};

class TokenBucket final : public PlatformModel {
 public:
  explicit TokenBucket(double limit) : limit_(limit), tokens_(limit) {}
  bool Arrive(absl::Time now) override {
    tokens_ = std::min(
        limit_, tokens_ + limit_ * absl::FDivDuration(now - filled_, kWindow));
    filled_ = now;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  const double limit_;
  double tokens_;
  absl::Time filled_ = absl::UnixEpoch();
};

}  // namespace

const std::vector<NamedModel>& PlatformModels() {
  static const auto& models = *new std::vector<NamedModel>{
      {"fixed window",
       [](int limit, absl::Duration phase) {
         return std::make_unique<FixedWindow>(limit, phase);
       }},
      {"sliding window",
       [](int limit, absl::Duration) {
         return std::make_unique<SlidingWindow>(static_cast<size_t>(limit));
       }},
      {"token bucket",
       [](int limit, absl::Duration) {
         return std::make_unique<TokenBucket>(limit);
       }},
  };
  return models;
}

}  // namespace chatgate
