#ifndef CHATGATE_TESTS_SERVICE_FAKE_BACKEND_H_
#define CHATGATE_TESTS_SERVICE_FAKE_BACKEND_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/backend/backend.h"
#include "server/base/mutex.h"

namespace chatgate {

// A backend that answers at once with `answer`, or holds its calls until told
// to let them go. Any thread may use it.
class FakeBackend final : public Backend {
 public:
  struct Seen {
    CallContext context;
    std::string request_type;
  };

  // What every call is answered from now on.
  void SetAnswer(absl::Status answer) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    answer_ = std::move(answer);
  }

  // What every call that takes bytes is answered from now on.
  void SetBytes(std::string bytes) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    bytes_ = std::make_shared<const std::string>(std::move(bytes));
  }

  // How every call was served from now on.
  void SetReport(CallReport report) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    report_ = std::move(report);
  }

  void Hold() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    holding_ = true;
  }

  // Waits until `calls` are held.
  void WaitForHeld(size_t calls) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (held_.size() < calls) changed_.Wait(mu_);
  }

  // Answers what is held, and holds no more.
  void Release() ABSL_LOCKS_EXCLUDED(mu_) {
    std::vector<Held> held;
    {
      MutexLock lock(mu_);
      holding_ = false;
      held.swap(held_);
    }
    for (Held& call : held) {
      // Touches both, which must still be there.
      call.response->Clear();
      call.done(call.request->IsInitialized() ? absl::OkStatus()
                                              : absl::InternalError("gone"));
    }
  }

  std::vector<Seen> seen() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return seen_;
  }

  void Call(const CallContext& context,
            const google::protobuf::Message& request,
            google::protobuf::Message* response, Done done) override
      ABSL_LOCKS_EXCLUDED(mu_) {
    absl::Status answer;
    {
      MutexLock lock(mu_);
      seen_.push_back({context, request.GetTypeName()});
      if (context.report != nullptr) *context.report = report_;
      if (context.answer_bytes != nullptr) *context.answer_bytes = bytes_;
      if (holding_) {
        held_.push_back({&request, response, std::move(done)});
        changed_.SignalAll();
        return;
      }
      answer = answer_;
    }
    done(answer);
  }

 private:
  struct Held {
    const google::protobuf::Message* request;
    google::protobuf::Message* response;
    Done done;
  };

  mutable Mutex mu_;
  CondVar changed_;
  absl::Status answer_ ABSL_GUARDED_BY(mu_);
  CallReport report_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<const std::string> bytes_ ABSL_GUARDED_BY(mu_);
  bool holding_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<Held> held_ ABSL_GUARDED_BY(mu_);
  std::vector<Seen> seen_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_SERVICE_FAKE_BACKEND_H_
