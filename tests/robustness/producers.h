#ifndef CHATGATE_TESTS_ROBUSTNESS_PRODUCERS_H_
#define CHATGATE_TESTS_ROBUSTNESS_PRODUCERS_H_

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "server/base/mutex.h"
#include "tests/integration/gateway.h"
#include "tests/robustness/history.h"

namespace chatgate::robustness {

// Conversations that webhooks and mutations are about.
inline constexpr uint64_t kConversations = 5;

// Producers post webhooks and write replies, at random, until stopped. What is
// not answered is sent again, with the same id; what is answered, sometimes
// too, as platforms do.
//
// Threads: those of its own; AwaitAnswered and Stop from one.
class Producers {
 public:
  Producers(const Gateway& gateway, unsigned seed);
  ~Producers() { Stop(); }

  // Blocks until `count` operations were answered, or Stop; false, where for
  // two minutes none was.
  bool AwaitAnswered(int count) ABSL_LOCKS_EXCLUDED(mu_);
  int answered() const ABSL_LOCKS_EXCLUDED(mu_);

  // Ends what is under way. What is then without an answer stays so.
  std::vector<Operation> Stop() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void PostWebhooks(unsigned seed);
  void WriteReplies(unsigned seed);
  void Record(Operation operation) ABSL_LOCKS_EXCLUDED(mu_);

  const Gateway& gateway_;
  std::atomic<bool> stopping_ = false;
  std::atomic<uint64_t> next_id_ = 1;

  mutable Mutex mu_;
  CondVar changed_;
  int answered_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<Operation> operations_ ABSL_GUARDED_BY(mu_);

  std::vector<std::thread> threads_;
};

}  // namespace chatgate::robustness

#endif  // CHATGATE_TESTS_ROBUSTNESS_PRODUCERS_H_
