// The connection between gateway and platform is cut at every byte of a reply:
// nothing is lost, nothing is doubled.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/mutex.h"
#include "tests/support/loopback_server.h"
#include "tests/web_api/over_rest_fixture.h"
#include "tests/webhook/raw_client.h"

namespace chatgate {
namespace {

// How often a test cuts, evenly over the exchange. Every byte of both sides is
// less than 2,000.
int TrialsMax() {
  const char* wanted = std::getenv("CHATGATE_CUT_TRIALS");
  return wanted == nullptr ? 150 : std::atoi(wanted);
}

// Stands between client and platform. The next POST is cut, after so many
// bytes of the request or of the answer; everything else passes.
class CuttingProxy {
 public:
  explicit CuttingProxy(int platform_port)
      : platform_port_(platform_port),
        server_([this](Peer& peer) { Serve(peer); }) {}

  int port() const { return server_.port(); }

  void CutRequestAfter(size_t bytes) { Set(bytes, true); }
  void CutAnswerAfter(size_t bytes) { Set(bytes, false); }

  size_t request_size() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return request_size_;
  }
  size_t answer_size() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return answer_size_;
  }

 private:
  void Set(size_t bytes, bool of_request) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    armed_ = true;
    cut_after_ = bytes;
    of_request_ = of_request;
  }

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

class CutTest : public OverRestTest {
 protected:
  CutTest() : proxy_(server_->port()) {
    clock_.SetTime(Clock::System().Now());  // The platform's, as the client's.
    // The proxy hears the platform out before it cuts.
    options_.late_effect_max = absl::Milliseconds(20);
    Connect(proxy_.port());
    conversation_ = StartConversation("Hello");
    EXPECT_THAT(Reply("first"), IsOk());  // Tells the sizes.
  }
  ~CutTest() override { Disconnect(); }

  absl::StatusOr<v1::ReplyToConversationResponse> Reply(
      const std::string& name) {
    v1::ReplyToConversationRequest request;
    request.set_conversation_id(conversation_);
    request.set_body(name);
    request.set_request_id(name);
    return AskOverRest<v1::ReplyToConversationResponse>(request);
  }

  absl::StatusOr<v1::ReplyToConversationResponse> ReplyUntilItIsKnown(
      const std::string& name) {
    while (true) {
      auto answer = Reply(name);
      if (ErrorNameOf(answer.status()) != "AMBIGUOUS") return answer;
    }
  }

  int PartsNamed(const std::string& name) {
    int count = 0;
    for (const v1::ConversationPart& part : Parts(conversation_)) {
      if (part.body() == name) ++count;
    }
    return count;
  }

  // Cuts all over `size` bytes, and looks at what came of it.
  template <typename Cut>
  void CutAllOver(size_t size, Cut cut) {
    const size_t step =
        std::max<size_t>(1, size / static_cast<size_t>(TrialsMax()));
    for (size_t after = 0; after < size; after += step) {
      SCOPED_TRACE(after);
      const std::string name = absl::StrCat("n", 1'000'000 + after);
      conversation_ = StartConversation("Hello");  // So few parts are read.
      cut(after);
      const auto answer = Reply(name);
      // Done, not done, or not known, each is named rightly.
      if (answer.ok()) {
        EXPECT_EQ(answer->part().body(), name);
        EXPECT_EQ(PartsNamed(name), 1);
      } else if (ErrorNameOf(answer.status()) != "AMBIGUOUS") {
        EXPECT_THAT(ErrorNameOf(answer.status()), "UNAVAILABLE");
        EXPECT_EQ(PartsNamed(name), 0);
      }
      // And the same call again ends well, once.
      EXPECT_THAT(ReplyUntilItIsKnown(name), IsOk());
      ASSERT_EQ(PartsNamed(name), 1);
    }
  }

  CuttingProxy proxy_;
  uint64_t conversation_ = 0;
};

TEST_F(CutTest, RequestCutAnywhereIsNeitherLostNorDoubled) {
  CutAllOver(proxy_.request_size(),
             [this](size_t after) { proxy_.CutRequestAfter(after); });
}

TEST_F(CutTest, AnswerCutAnywhereIsNeitherLostNorDoubled) {
  CutAllOver(proxy_.answer_size(),
             [this](size_t after) { proxy_.CutAnswerAfter(after); });
}

}  // namespace
}  // namespace chatgate
