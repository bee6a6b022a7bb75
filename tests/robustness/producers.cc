#include "tests/robustness/producers.h"

#include <grpcpp/grpcpp.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/countdown.h"

namespace chatgate::robustness {
namespace {

constexpr int kPosters = 4;
constexpr int kRepliers = 2;
// So much of it makes retention by size bite within a run.
constexpr unsigned kPaddingMax = 12'000;

uint64_t ConversationOf(uint64_t id) { return 1 + id % kConversations; }

}  // namespace

Producers::Producers(const Gateway& gateway, unsigned seed)
    : gateway_(gateway) {
  for (unsigned i = 0; i < kPosters; ++i) {
    threads_.emplace_back([this, seed, i] { PostWebhooks(seed + i); });
  }
  for (unsigned i = 0; i < kRepliers; ++i) {
    threads_.emplace_back([this, seed, i] { WriteReplies(seed + 100 + i); });
  }
}

bool Producers::AwaitAnswered(int count) {
  constexpr absl::Duration kPatience = absl::Minutes(2);
  Countdown patience(kPatience);
  MutexLock lock(mu_);
  for (int before = answered_; answered_ < count && !stopping_;) {
    if (answered_ != before) patience = Countdown(kPatience);
    if (patience.IsOver()) return false;
    before = answered_;
    changed_.WaitFor(mu_, patience.Left());
  }
  return true;
}

int Producers::answered() const {
  MutexLock lock(mu_);
  return answered_;
}

std::vector<Operation> Producers::Stop() {
  {
    MutexLock lock(mu_);
    stopping_ = true;
    changed_.SignalAll();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  MutexLock lock(mu_);
  return operations_;
}

void Producers::Record(Operation operation) {
  MutexLock lock(mu_);
  if (operation.answered) ++answered_;
  operations_.push_back(std::move(operation));
  changed_.SignalAll();
}

void Producers::PostWebhooks(unsigned seed) {
  std::minstd_rand random(seed);
  while (!stopping_) {
    const uint64_t id = next_id_++;
    Operation operation{Operation::Kind::kWebhook, absl::StrCat("w", id, " ")};
    const std::string padding(random() % kPaddingMax, 'p');
    const std::string part =
        LeadPart(id, ConversationOf(id), operation.text + padding);
    operation.sends = 0;
    bool again = true;
    while (again && !stopping_) {
      ++operation.sends;
      const bool answered = gateway_.PostDashly(part).status == 200;
      operation.answered |= answered;
      again = !operation.answered || (answered && random() % 20 == 0);
    }
    Record(std::move(operation));
  }
}

void Producers::WriteReplies(unsigned seed) {
  std::minstd_rand random(seed);
  const auto stub = gateway_.NewStub();
  // A conversation is there once a webhook has told of it.
  AwaitAnswered(4 * static_cast<int>(kConversations));
  while (!stopping_) {
    const uint64_t id = next_id_++;
    Operation operation{Operation::Kind::kMutation, absl::StrCat("m", id, " ")};
    v1::ReplyToConversationRequest request;
    request.set_app_id(777);
    request.set_conversation_id(ConversationOf(id));
    request.set_body(operation.text + std::string(random() % 100, 'p'));
    request.set_request_id(absl::StrCat("request-", id));
    operation.sends = 0;
    bool again = true;
    while (again && !stopping_) {
      ++operation.sends;
      grpc::ClientContext context;
      Gateway::Authorize(&context);
      context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(5)));
      v1::ReplyToConversationResponse response;
      const bool answered =
          stub->ReplyToConversation(&context, request, &response).ok();
      operation.answered |= answered;
      again = !operation.answered || (answered && random() % 10 == 0);
    }
    Record(std::move(operation));
  }
}

}  // namespace chatgate::robustness
