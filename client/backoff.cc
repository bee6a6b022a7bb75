#include "client/backoff.h"

#include <algorithm>
#include <random>
#include <utility>

namespace chatgate {
namespace {

BackoffOptions WithJitter(BackoffOptions options) {
  if (!options.jitter) {
    options.jitter = [random =
                          std::minstd_rand(std::random_device{}())]() mutable {
      return std::uniform_real_distribution<double>()(random);
    };
  }
  return options;
}

}  // namespace

Backoff::Backoff(BackoffOptions options)
    : options_(WithJitter(std::move(options))), wait_(options_.first) {}

absl::Duration Backoff::Next() {
  const absl::Duration wait = wait_;
  wait_ = std::min(wait_ * options_.factor, options_.max);
  return wait * (1.0 - options_.jitter() / 2);
}

}  // namespace chatgate
