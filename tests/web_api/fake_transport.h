#ifndef CHATGATE_TESTS_WEB_API_FAKE_TRANSPORT_H_
#define CHATGATE_TESTS_WEB_API_FAKE_TRANSPORT_H_

#include <functional>
#include <utility>
#include <vector>

#include "server/base/mutex.h"
#include "server/web_api/transport.h"

namespace chatgate {

// A platform that answers as a test says, at once.
class FakeTransport final : public Transport {
 public:
  using Script = std::function<TransportAnswer(const RestCall& call)>;

  void Send(TransportRequest request, Done done) override {
    Script script;
    {
      MutexLock lock(mu_);
      calls_.push_back(request.call);
      if (hold_) {
        held_.emplace_back(request.call, std::move(done));
        return;
      }
      script = script_;
    }
    done(script(request.call));
  }
  void Close() override {}

  void set_script(Script script) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    script_ = std::move(script);
  }
  // What is sent from now on is answered by Release.
  void Hold() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    hold_ = true;
  }
  void Release() ABSL_LOCKS_EXCLUDED(mu_) {
    std::vector<std::pair<RestCall, Done>> held;
    Script script;
    {
      MutexLock lock(mu_);
      hold_ = false;
      held.swap(held_);
      script = script_;
    }
    for (auto& [call, done] : held) done(script(call));
  }

  std::vector<RestCall> calls() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return calls_;
  }

 private:
  mutable Mutex mu_;
  Script script_ ABSL_GUARDED_BY(mu_);
  bool hold_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::pair<RestCall, Done>> held_ ABSL_GUARDED_BY(mu_);
  std::vector<RestCall> calls_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_WEB_API_FAKE_TRANSPORT_H_
