#include "webhook/later_answers.h"

#include <sys/socket.h>

#include <chrono>
#include <string>

namespace chatgate {

void OwedAnswer::Write(const LaterAnswer::Make& make) {
  {
    MutexLock lock(mu_);
    if (state_ != kOwed) return;
    state_ = kBeingWritten;
  }
  const bool sent = Send(make());
  MutexLock lock(mu_);
  connection_.BeginIdle();
  state_ = sent ? kWritten : kLost;
  changed_.Signal();
}

bool OwedAnswer::Settle() {
  {
    MutexLock lock(mu_);
    while (state_ == kOwed) {
      const auto left = deadline_ - std::chrono::steady_clock::now();
      if (left <= Deadline::duration::zero()) break;
      changed_.WaitFor(mu_, absl::FromChrono(left));
    }
    while (state_ == kBeingWritten) changed_.Wait(mu_);
    if (state_ != kOwed) return state_ == kWritten;
    state_ = kLost;
  }
  if (!Send(too_late_())) return false;
  connection_.BeginIdle();
  return true;
}

bool OwedAnswer::Send(const HttpResponse& response) const {
  const std::string text = AnswerText(response, form_);
  // Whoever has the answer finds it counted.
  if (on_answer_) on_answer_(response.status);
  const int socket = connection_.socket();
  const bool sent =
      ::send(socket, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL) ==
      static_cast<ssize_t>(text.size());
  // Its thread reads the end.
  if (!sent) ::shutdown(socket, SHUT_RDWR);
  return sent;
}

class LaterAnswers::Given {
 public:
  using Answer = std::pair<std::shared_ptr<OwedAnswer>, LaterAnswer::Make>;

  void Put(Answer answer) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    if (stopping_) return;
    answers_.push_back(std::move(answer));
    if (idle_) changed_.Signal();
  }

  void Stop() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    stopping_ = true;
    changed_.Signal();
  }

  // Empty once there will be none any more.
  std::vector<Answer> Take() ABSL_LOCKS_EXCLUDED(mu_) {
    std::vector<Answer> taken;
    MutexLock lock(mu_);
    while (answers_.empty() && !stopping_) {
      idle_ = true;
      changed_.Wait(mu_);
    }
    idle_ = false;
    taken.swap(answers_);
    return taken;
  }

 private:
  Mutex mu_;
  CondVar changed_;
  std::vector<Answer> answers_ ABSL_GUARDED_BY(mu_);
  bool idle_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
};

LaterAnswers::LaterAnswers()
    : given_(std::make_shared<Given>()), thread_([given = given_] {
        for (;;) {
          const std::vector<Given::Answer> answers = given->Take();
          if (answers.empty()) return;
          for (const auto& [owed, make] : answers) owed->Write(make);
        }
      }) {}

LaterAnswers::~LaterAnswers() {
  given_->Stop();
  thread_.join();
}

std::shared_ptr<OwedAnswer> LaterAnswers::Begin(
    const LaterAnswer& later, OpenConnection& connection,
    const AnswerForm& form, OwedAnswer::OnAnswer on_answer) {
  auto owed = std::make_shared<OwedAnswer>(connection, later, form,
                                           std::move(on_answer));
  later.begin([given = given_, owed](LaterAnswer::Make make) {
    given->Put({owed, std::move(make)});
  });
  return owed;
}

}  // namespace chatgate
