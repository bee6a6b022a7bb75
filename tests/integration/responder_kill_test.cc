// Two responders over thousands of messages, one of them killed with -9 at
// random moments: every message that the rules match is answered exactly once,
// and no other one is.
#include <grpcpp/grpcpp.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "tests/integration/gateway.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

constexpr int kMessages = 10'000;
constexpr int kConversations = 500;
constexpr int kKills = 20;
constexpr int kPosters = 8;
constexpr int kPatienceMs = 60'000;  // For a responder to get on.
constexpr char kRules[] = R"pb(
  rules {
    id: "order"
    match { patterns: "order (\\d+) please" }
    actions { reply { body: "Order {1} is on its way" } }
  }
)pb";

// Every third message is none that a rule matches.
bool IsMatched(int id) { return id % 3 != 0; }

std::string TextOf(int id) {
  return IsMatched(id) ? absl::StrCat("Order ", id, " please")
                       : absl::StrCat("thanks for number ", id);
}

class ResponderKillTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(gateway_.Start(), IsOk());
    rules_ = directory_.Write("rules.textproto", kRules);
    token_ = directory_.Write("caller.token", kCallerToken);
  }

  // Starts a responder of this name, which has a cursor file of its own.
  absl::StatusOr<std::unique_ptr<ChildProcess>> StartResponder(
      const std::string& name) {
    ASSIGN_OR_RETURN(
        std::unique_ptr<ChildProcess> responder,
        ChildProcess::Start({Binary("chatgate-responder"), "--server",
                             gateway_.grpc_address(), "--token_file", token_,
                             "--rules", rules_, "--cursor_file",
                             directory_.File(name)}));
    ASSIGN_OR_RETURN(const std::string line,
                     responder->ReadLine(absl::Seconds(60)));
    if (!absl::StartsWith(line, "chatgate-responder ready")) {
      return absl::InternalError(line);
    }
    return responder;
  }

  // Posts all messages, each until the gateway has taken it.
  void Post() {
    for (int id = next_++; id <= kMessages; id = next_++) {
      const std::string part =
          LeadPart(id, 1 + id % kConversations, TextOf(id));
      while (gateway_.PostDashly(part).status != 200) {
        std::this_thread::yield();
      }
      MutexLock lock(mu_);
      ++posted_;
      changed_.SignalAll();
    }
  }
  void AwaitPosted(int count) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (posted_ < count) changed_.Wait(mu_);
  }

  // One page of events; from the cursor, or the token where it is set.
  v1::ListEventsResponse List(const std::string& cursor,
                              const std::string& token,
                              const std::string& direction) {
    grpc::ClientContext context;
    Gateway::Authorize(&context);
    v1::ListEventsRequest request;
    request.set_cursor(cursor);
    request.set_page_token(token);
    request.set_page_size(50);
    request.mutable_filter()->add_directions(direction);
    v1::ListEventsResponse response;
    const grpc::Status status = stub_->ListEvents(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  // True once that responder is done with every message: none is left after the
  // position that it has saved.
  bool IsDone(const std::string& name) {
    std::ifstream file(directory_.File(name));
    std::string cursor((std::istreambuf_iterator<char>(file)), {});
    absl::StripAsciiWhitespace(&cursor);
    return List(cursor, "", "u2a").events().empty();
  }
  void AwaitDone(const std::string& name) {
    // Saved by renaming a new file to it.
    const int watch = inotify_init1(IN_CLOEXEC);
    ASSERT_GE(inotify_add_watch(watch, directory_.path().c_str(), IN_MOVED_TO),
              0);
    while (!HasFailure() && !IsDone(name)) {
      pollfd saved = {watch, POLLIN, 0};
      ASSERT_GT(poll(&saved, 1, kPatienceMs), 0) << name << " does nothing";
      std::array<char, 4096> told;
      ASSERT_GT(read(watch, told.data(), told.size()), 0);
    }
    close(watch);
  }

  // How often each text was said to leads.
  std::map<std::string, int> Answers() {
    std::map<std::string, int> times;
    std::string token;
    do {
      const v1::ListEventsResponse page = List("", token, "a2u");
      for (const v1::Event& event : page.events()) {
        ++times[event.dashly_conversation().conversation().body()];
      }
      token = page.next_page_token();
    } while (!token.empty() && !HasFailure());
    return times;
  }

  Gateway gateway_;
  TempDir directory_;
  std::string rules_;
  std::string token_;
  std::unique_ptr<v1::ChatService::Stub> stub_;
  std::atomic<int> next_{1};
  Mutex mu_;
  CondVar changed_;
  int posted_ ABSL_GUARDED_BY(mu_) = 0;
};

TEST_F(ResponderKillTest, EveryMatchedMessageIsAnsweredExactlyOnce) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  stub_ = gateway_.NewStub();
  ASSERT_OK_AND_ASSIGN(auto steady, StartResponder("steady"));
  ASSERT_OK_AND_ASSIGN(auto killed, StartResponder("killed"));
  std::vector<std::thread> posters;
  for (int i = 0; i < kPosters; ++i) posters.emplace_back([this] { Post(); });
  for (int kill = 1; kill <= kKills; ++kill) {
    const int slice = kMessages / (kKills + 1);
    AwaitPosted(slice * (kill - 1) + 1 + static_cast<int>(random() % slice));
    killed->KillHard();
    auto again = StartResponder("killed");
    EXPECT_THAT(again, IsOk());
    if (!again.ok()) break;
    killed = *std::move(again);
  }
  for (std::thread& poster : posters) poster.join();
  AwaitDone("steady");
  AwaitDone("killed");

  std::map<std::string, int> expected;
  for (int id = 1; id <= kMessages; ++id) {
    if (IsMatched(id)) {
      expected[absl::StrCat("Order ", id, " is on its way")] = 1;
    }
  }
  EXPECT_TRUE(Answers() == expected);
}

}  // namespace
}  // namespace chatgate
