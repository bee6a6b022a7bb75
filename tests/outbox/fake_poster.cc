#include "tests/outbox/fake_poster.h"

#include <algorithm>
#include <utility>

namespace chatgate {

absl::StatusOr<int> FakePoster::Post(const WebhookUrl& url, bool,
                                     absl::string_view form) {
  Answer answer;
  {
    MutexLock lock(mu_);
    posts_.push_back({url.host, std::string(form)});
    int& under_way = under_way_[url.host];
    most_at_once_ = std::max(most_at_once_, ++under_way);
    changed_.SignalAll();
    while (holding_ && !cancelled_) changed_.Wait(mu_);
    --under_way;
    if (cancelled_) return absl::CancelledError("stopping");
    answer = answers_[url.host];
  }
  return answer ? answer(std::string(form)) : 200;
}

void FakePoster::Cancel() {
  MutexLock lock(mu_);
  cancelled_ = true;
  changed_.SignalAll();
}

void FakePoster::AnswerWith(const std::string& host, Answer answer) {
  MutexLock lock(mu_);
  answers_[host] = std::move(answer);
}

void FakePoster::Hold() {
  MutexLock lock(mu_);
  holding_ = true;
}

void FakePoster::Release() {
  MutexLock lock(mu_);
  holding_ = false;
  changed_.SignalAll();
}

std::vector<FakePoster::Posted> FakePoster::WaitForPosts(size_t count) {
  MutexLock lock(mu_);
  while (posts_.size() < count) changed_.Wait(mu_);
  return posts_;
}

std::vector<FakePoster::Posted> FakePoster::posts() const {
  MutexLock lock(mu_);
  return posts_;
}

int FakePoster::most_at_once() const {
  MutexLock lock(mu_);
  return most_at_once_;
}

}  // namespace chatgate
