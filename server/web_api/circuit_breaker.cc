#include "server/web_api/circuit_breaker.h"

#include <algorithm>

#include "server/backend/error_table.h"

namespace chatgate {
namespace {

// While one tries, the others should not come at once.
constexpr absl::Duration kWhileOneTries = absl::Seconds(1);

}  // namespace

CircuitBreaker::CircuitBreaker(const Clock& clock,
                               const CircuitBreakerOptions& options)
    : clock_(clock), options_(options) {}

bool CircuitBreaker::IsOpen() const {
  return failures_ >= options_.failures_max ||
         refused_keys_ >= options_.refused_key_max;
}

absl::Status CircuitBreaker::Why() const {
  if (refused_keys_ >= options_.refused_key_max) {
    return MakeError("KEY_REFUSED",
                     "the platform refuses the app's token: nothing is sent "
                     "until an operator has replaced it");
  }
  return MakeError("PLATFORM_DOWN",
                   "the platform failed several times in a row");
}

absl::Status CircuitBreaker::WhyNot() const {
  if (!IsOpen()) return absl::OkStatus();
  const absl::Time now = clock_.Now();
  // A clock that was set back must not make a pause of a minute one of hours.
  if (now >= paused_from_ && now < paused_until_) {
    return WithRetryDelay(Why(), paused_until_ - now);
  }
  if (trying_) return WithRetryDelay(Why(), kWhileOneTries);
  return absl::OkStatus();
}

absl::Status CircuitBreaker::Check() const {
  MutexLock lock(mu_);
  return WhyNot();
}

absl::Status CircuitBreaker::Admit() {
  MutexLock lock(mu_);
  absl::Status why_not = WhyNot();
  if (why_not.ok() && IsOpen()) trying_ = true;
  return why_not;
}

void CircuitBreaker::Succeeded() {
  {
    MutexLock lock(mu_);
    failures_ = refused_keys_ = trips_ = 0;
    trying_ = false;
  }
  TellHealth();
}

void CircuitBreaker::Failed() {
  {
    MutexLock lock(mu_);
    // What was sent before the pause began says nothing new.
    const bool paused = IsOpen() && !trying_;
    trying_ = false;
    if (paused) return;
    ++failures_;
    if (failures_ < options_.failures_max) return;
    const int doublings = std::min(trips_++, 20);
    Pause(std::min(options_.pause_min * (1 << doublings), options_.pause_max));
  }
  TellHealth();
}

void CircuitBreaker::KeyRefused() {
  {
    MutexLock lock(mu_);
    trying_ = false;
    failures_ = 0;  // It answers.
    if (++refused_keys_ < options_.refused_key_max) return;
    Pause(options_.refused_key_pause);
  }
  TellHealth();
}

void CircuitBreaker::NotSent() {
  MutexLock lock(mu_);
  trying_ = false;
}

void CircuitBreaker::Pause(absl::Duration pause) {
  paused_from_ = clock_.Now();
  // Whole milliseconds, as callers can be told.
  paused_until_ = paused_from_ +
                  absl::Ceil(pause + pause * absl::Uniform(random_, 0.0, 0.5),
                             absl::Milliseconds(1));
}

void CircuitBreaker::TellHealth() {
  absl::Status health;
  {
    MutexLock lock(mu_);
    if (IsOpen()) health = Why();
    if (health.code() == told_) return;
    told_ = health.code();
  }
  if (options_.on_health) options_.on_health(health);
}

absl::Status CircuitBreaker::Health() const {
  MutexLock lock(mu_);
  return IsOpen() ? Why() : absl::OkStatus();
}

}  // namespace chatgate
