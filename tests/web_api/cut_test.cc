// The connection between gateway and platform is cut at every byte of a reply:
// nothing is lost, nothing is doubled.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/mutex.h"
#include "tests/support/loopback_server.h"
#include "tests/web_api/over_rest_fixture.h"
#include "tests/webhook/raw_client.h"

namespace chatgate {
namespace {

// How often a test cuts an exchange of so many bytes: at each of them, and a
// thousand times at least; or as often as it is told.
int Trials(size_t size) {
  const char* wanted = std::getenv("CHATGATE_CUT_TRIALS");
  if (wanted != nullptr) return std::atoi(wanted);
  return std::max(1000, static_cast<int>(size));
}

// Where the trial, from 1 on, cuts: evenly over all places.
size_t Place(int trial, int trials, size_t size) {
  return static_cast<size_t>(trial - 1) * size / static_cast<size_t>(trials);
}

// Stands between client and platform. The next POST is cut, after so many
// bytes of the request or of the answer; everything else passes.
class CuttingProxy {
 public:
  explicit CuttingProxy(int platform_port)
      : platform_port_(platform_port),
        server_([this](Peer& peer) { Serve(peer); }) {}

  int port() const { return server_.port(); }

  void CutAfter(size_t bytes, bool of_request) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    armed_ = true;
    cut_after_ = bytes;
    of_request_ = of_request;
  }
  // Nothing is left to be cut.
  bool has_cut() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return !armed_;
  }

  size_t request_size() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return request_size_;
  }
  size_t answer_size() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return answer_size_;
  }

 private:
  void Serve(Peer& peer) ABSL_LOCKS_EXCLUDED(mu_) {
    while (true) {
      const std::string begin = peer.ReadBytes(4);
      if (begin.size() < 4) return;
      bool cut = false;
      bool of_request = false;
      size_t after = 0;
      if (begin == "POST") {
        MutexLock lock(mu_);
        cut = std::exchange(armed_, false);
        of_request = of_request_;
        after = cut_after_;
      }
      if (cut && of_request) {
        // The platform gets the beginning, and then the end.
        RawClient platform(platform_port_);
        const std::string bytes =
            begin + peer.ReadBytes(after > 4 ? after - 4 : 0);
        platform.Send(absl::string_view(bytes).substr(0, after));
        return;
      }
      const std::string rest = peer.ReadRequest();
      if (rest.empty()) return;
      RawClient platform(platform_port_);
      platform.Send(begin + rest);
      const RawAnswer answer = platform.ReadAnswer();
      const std::string bytes = absl::StrCat(answer.head, "\r\n", answer.body);
      if (begin == "POST") {
        MutexLock lock(mu_);
        request_size_ = begin.size() + rest.size();
        answer_size_ = bytes.size();
      }
      if (!peer.Write(absl::string_view(bytes).substr(
              0, cut ? std::min(after, bytes.size()) : bytes.size())) ||
          cut) {
        return;
      }
    }
  }

  const int platform_port_;

  mutable Mutex mu_;
  bool armed_ ABSL_GUARDED_BY(mu_) = false;
  bool of_request_ ABSL_GUARDED_BY(mu_) = false;
  size_t cut_after_ ABSL_GUARDED_BY(mu_) = 0;
  size_t request_size_ ABSL_GUARDED_BY(mu_) = 0;  // Of the last whole POST.
  size_t answer_size_ ABSL_GUARDED_BY(mu_) = 0;

  LoopbackServer server_;
};

// Cuts replies of its own conversations, one after the other.
class Cutter {
 public:
  using Answer = absl::StatusOr<v1::ReplyToConversationResponse>;

  Cutter(int platform_port, const std::function<RestClient(int port)>& connect)
      : proxy_(platform_port), client_(connect(proxy_.port())) {}

  CuttingProxy& proxy() { return proxy_; }

  // A `request_id` that is the body as well.
  Answer Reply(uint64_t conversation, const std::string& name) {
    v1::ReplyToConversationRequest request;
    request.set_conversation_id(conversation);
    request.set_body(name);
    request.set_request_id(name);
    v1::ReplyToConversationResponse response;
    const absl::Status status =
        CallAndWait(*client_.backend, 777, request, &response);
    if (!status.ok()) return status;
    return response;
  }

  Answer ReplyUntilItIsKnown(uint64_t conversation, const std::string& name) {
    while (true) {
      Answer answer = Reply(conversation, name);
      if (ErrorNameOf(answer.status()) != "AMBIGUOUS") return answer;
    }
  }

 private:
  CuttingProxy proxy_;
  RestClient client_;  // Ends first.
};

class CutTest : public OverRestTest {
 protected:
  CutTest() {
    clock_.SetTime(Clock::System().Now());  // The platform's, as the client's.
    // The proxy hears the platform out before it cuts.
    options_.late_effect_max = absl::Milliseconds(20);
    for (int i = 0; i < kCutters; ++i) {
      cutters_.push_back(std::make_unique<Cutter>(
          server_->port(), [this](int port) { return NewClient(port); }));
    }
    // Tells the sizes. Names and ids are as long as those of the trials.
    EXPECT_THAT(cutters_[0]->Reply(StartConversation("Hello"), Name(0)),
                IsOk());
  }
  ~CutTest() override { cutters_.clear(); }

  static std::string Name(int trial) {
    return absl::StrCat("n", 1'000'000 + trial);
  }

  int PartsNamed(uint64_t conversation, const std::string& name) {
    int count = 0;
    for (const v1::ConversationPart& part : Parts(conversation)) {
      if (part.body() == name) ++count;
    }
    return count;
  }

  // Cuts all over `size` bytes, each of them once and more often until there
  // were enough trials, and looks at what came of it.
  void CutAllOver(size_t size, bool of_request) {
    std::atomic<int> next = 1;
    const int trials = Trials(size);
    std::vector<std::thread> threads;
    for (const auto& cutter : cutters_) {
      threads.emplace_back([&, cutter = cutter.get()] {
        for (int trial = next++; trial <= trials; trial = next++) {
          Cut(*cutter, Place(trial, trials, size), of_request, Name(trial));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  void Cut(Cutter& cutter, size_t after, bool of_request,
           const std::string& name) {
    SCOPED_TRACE(absl::StrCat(name, " cut after ", after));
    // Of its own, so few parts are read.
    const uint64_t conversation = StartConversation("Hello");
    cutter.proxy().CutAfter(after, of_request);
    const auto answer = cutter.Reply(conversation, name);
    // Done, not done, or not known, each is named rightly.
    if (answer.ok()) {
      EXPECT_EQ(answer->part().body(), name);
      EXPECT_EQ(PartsNamed(conversation, name), 1);
    } else if (ErrorNameOf(answer.status()) != "AMBIGUOUS") {
      EXPECT_THAT(ErrorNameOf(answer.status()), "UNAVAILABLE");
      EXPECT_EQ(PartsNamed(conversation, name), 0);
    }
    EXPECT_TRUE(cutter.proxy().has_cut());
    // And the same call again ends well, once.
    EXPECT_THAT(cutter.ReplyUntilItIsKnown(conversation, name), IsOk());
    EXPECT_EQ(PartsNamed(conversation, name), 1);
  }

  // Each waits for its own connections and disks most of the time.
  static constexpr int kCutters = 8;
  std::vector<std::unique_ptr<Cutter>> cutters_;
};

TEST_F(CutTest, RequestCutAnywhereIsNeitherLostNorDoubled) {
  CutAllOver(cutters_[0]->proxy().request_size(), /*of_request=*/true);
}

TEST_F(CutTest, AnswerCutAnywhereIsNeitherLostNorDoubled) {
  CutAllOver(cutters_[0]->proxy().answer_size(), /*of_request=*/false);
}

}  // namespace
}  // namespace chatgate
