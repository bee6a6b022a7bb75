// Replies are written while the gateway is killed with -9 at random moments.
// Each call carries a request_id and is repeated until it is answered, as a
// careful client does: afterwards every reply must be there exactly once.
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "tests/integration/gateway.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

constexpr int kReplies = 10'000;
constexpr int kKills = 10;
constexpr int kWriters = 16;
constexpr int kConversations = 20;

// The writers, each with one call under way.
class Writers {
 public:
  Writers(const Gateway& gateway, const std::vector<uint64_t>& conversations)
      : gateway_(gateway), conversations_(conversations) {
    for (int i = 0; i < kWriters; ++i) threads_.emplace_back([this] { Run(); });
  }
  ~Writers() { Join(); }
  void Join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  int repeated() const { return repeated_; }

  // Blocks until `count` replies were answered, or a call was refused.
  void AwaitAnswered(int count) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (answered_ < count && refused_.empty()) changed_.Wait(mu_);
  }
  std::string refused() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return refused_;
  }
  // The ids that the answers gave, by the replies' texts.
  std::map<std::string, uint64_t> answers() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return answers_;
  }

 private:
  void Run() {
    const auto stub = gateway_.NewStub();
    for (int i = next_++; i < kReplies; i = next_++) {
      v1::ReplyToConversationRequest request;
      request.set_conversation_id(conversations_[i % conversations_.size()]);
      request.set_body(absl::StrCat("reply ", i));
      request.set_request_id(absl::StrCat("id-", i));
      v1::ReplyToConversationResponse response;
      while (true) {
        grpc::ClientContext context;
        Gateway::Authorize(&context);
        const grpc::Status status =
            stub->ReplyToConversation(&context, request, &response);
        if (status.ok()) break;
        ++repeated_;
        // What a gateway that dies or drains says; else the test is wrong.
        if (status.error_code() == grpc::StatusCode::UNAVAILABLE ||
            status.error_code() == grpc::StatusCode::CANCELLED) {
          continue;
        }
        MutexLock lock(mu_);
        refused_ = status.error_message();
        changed_.SignalAll();
        return;
      }
      MutexLock lock(mu_);
      ++answered_;
      answers_[request.body()] = response.part().id();
      changed_.SignalAll();
    }
  }

  const Gateway& gateway_;
  const std::vector<uint64_t> conversations_;
  std::atomic<int> next_{0};
  std::atomic<int> repeated_{0};
  Mutex mu_;
  CondVar changed_;
  int answered_ ABSL_GUARDED_BY(mu_) = 0;
  std::string refused_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, uint64_t> answers_ ABSL_GUARDED_BY(mu_);
  std::vector<std::thread> threads_;
};

uint64_t StartConversation(v1::ChatService::Stub& stub, int lead) {
  grpc::ClientContext context;
  Gateway::Authorize(&context);
  v1::StartConversationRequest request;
  request.set_user_id(absl::StrCat("lead-", lead));
  request.set_by_user_id(true);
  request.set_body("hello");
  v1::StartConversationResponse response;
  const grpc::Status status =
      stub.StartConversation(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.id();
}

// Every bot's part of a conversation: how often each text, and its last id.
void Collect(v1::ChatService::Stub& stub, uint64_t conversation,
             std::map<std::string, std::vector<uint64_t>>* found) {
  v1::ListConversationPartsRequest request;
  request.set_conversation_id(conversation);
  request.set_page_size(50);
  do {
    grpc::ClientContext context;
    Gateway::Authorize(&context);
    v1::ListConversationPartsResponse page;
    const grpc::Status status =
        stub.ListConversationParts(&context, request, &page);
    ASSERT_TRUE(status.ok()) << status.error_message();
    for (const v1::ConversationPart& part : page.parts()) {
      if (part.direction() != "u2a") (*found)[part.body()].push_back(part.id());
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
}

TEST(MutationKillTest, NoReplyIsLostOrDoubled) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  Gateway gateway;
  ASSERT_THAT(gateway.Start(), IsOk());
  const auto stub = gateway.NewStub();
  std::vector<uint64_t> conversations;
  for (int i = 0; i < kConversations; ++i) {
    conversations.push_back(StartConversation(*stub, i));
  }
  std::map<std::string, uint64_t> answers;
  {
    Writers writers(gateway, conversations);
    for (int kill = 1; kill <= kKills; ++kill) {
      const int slice = kReplies / (kKills + 1);
      writers.AwaitAnswered(slice * (kill - 1) + 1 +
                            static_cast<int>(random() % slice));
      gateway.KillHard();
      ASSERT_THAT(gateway.Start(), IsOk());
    }
    writers.Join();
    ASSERT_EQ(writers.refused(), "");
    EXPECT_GT(writers.repeated(), 0)
        << "no kill hit a call: the run proves nothing";
    answers = writers.answers();
  }
  std::map<std::string, std::vector<uint64_t>> found;
  for (const uint64_t id : conversations) Collect(*stub, id, &found);
  ASSERT_EQ(answers.size(), static_cast<size_t>(kReplies));
  EXPECT_EQ(found.size(), answers.size());
  for (const auto& [body, id] : answers) {
    ASSERT_THAT(found[body], ::testing::ElementsAre(id)) << body;
  }
}

}  // namespace
}  // namespace chatgate
