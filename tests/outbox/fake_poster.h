#ifndef CHATGATE_TESTS_OUTBOX_FAKE_POSTER_H_
#define CHATGATE_TESTS_OUTBOX_FAKE_POSTER_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "server/base/mutex.h"
#include "server/outbox/poster.h"

namespace chatgate {

// A poster that keeps what it is given, and answers as told: by host, and there
// by what the form contains.
class FakePoster final : public Poster {
 public:
  struct Posted {
    std::string host;
    std::string form;
  };
  using Answer = std::function<absl::StatusOr<int>(const std::string& form)>;

  absl::StatusOr<int> Post(const WebhookUrl& url, bool,
                           absl::string_view form) override
      ABSL_LOCKS_EXCLUDED(mu_);
  void Cancel() override ABSL_LOCKS_EXCLUDED(mu_);

  // From now on; without it every post is answered 200.
  void AnswerWith(const std::string& host, Answer answer)
      ABSL_LOCKS_EXCLUDED(mu_);

  // Posts wait from now on until Release, or Cancel.
  void Hold() ABSL_LOCKS_EXCLUDED(mu_);
  void Release() ABSL_LOCKS_EXCLUDED(mu_);

  // Waits until so many posts, of all hosts, have begun; returns all of them.
  std::vector<Posted> WaitForPosts(size_t count) ABSL_LOCKS_EXCLUDED(mu_);
  std::vector<Posted> posts() const ABSL_LOCKS_EXCLUDED(mu_);
  // The most that were under way at a time, at one host.
  int most_at_once() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  mutable Mutex mu_;
  CondVar changed_;
  bool holding_ ABSL_GUARDED_BY(mu_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  std::map<std::string, Answer> answers_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, int> under_way_ ABSL_GUARDED_BY(mu_);
  int most_at_once_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<Posted> posts_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_OUTBOX_FAKE_POSTER_H_
