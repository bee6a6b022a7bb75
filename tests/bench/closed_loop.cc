#include "tests/bench/closed_loop.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"

namespace chatgate {

absl::StatusOr<double> ClosedLoop::Run(absl::Duration time) {
  const uint64_t before = appended_;
  const auto begin = std::chrono::steady_clock::now();
  const auto end = begin + absl::ToChronoNanoseconds(time);
  for (int i = 0; i < waiting_; ++i) Submit();
  auto now = begin;
  size_t under_way = static_cast<size_t>(waiting_);
  while (under_way > 0) {
    const size_t answered = TakeAnswers();
    under_way -= answered;
    now = std::chrono::steady_clock::now();
    if (now >= end || !wrong_.ok()) continue;
    for (size_t i = 0; i < answered; ++i) Submit();
    under_way += answered;
  }
  for (uint64_t seq = 1; wrong_.ok() && seq <= appended_; ++seq) {
    if (seq >= seen_.size() || !seen_[seq]) {
      wrong_ = absl::DataLossError(absl::StrCat("nobody got position ", seq));
    }
  }
  if (!wrong_.ok()) return wrong_;
  return static_cast<double>(appended_ - before) /
         std::chrono::duration<double>(now - begin).count();
}

void ClosedLoop::Submit() {
  append_(next_id_++, [this](absl::StatusOr<uint64_t> seq) {
    MutexLock lock(mu_);
    answers_.push_back(std::move(seq));
    if (idle_) answered_.Signal();
  });
}

size_t ClosedLoop::TakeAnswers() {
  std::vector<absl::StatusOr<uint64_t>> answers;
  {
    MutexLock lock(mu_);
    while (answers_.empty()) {
      idle_ = true;
      answered_.Wait(mu_);
    }
    idle_ = false;
    answers.swap(answers_);
  }
  for (const absl::StatusOr<uint64_t>& seq : answers) {
    if (seq.ok()) {
      Count(*seq);
    } else {
      wrong_ = seq.status();
    }
  }
  return answers.size();
}

void ClosedLoop::Count(uint64_t seq) {
  ++appended_;
  if (seq >= seen_.size()) seen_.resize(2 * seq + 1);
  if (seen_[seq]) {
    wrong_ = absl::DataLossError(absl::StrCat("position ", seq, " came twice"));
  }
  seen_[seq] = true;
}

}  // namespace chatgate
