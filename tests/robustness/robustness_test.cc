// The real gateway under random producers, subscribers and kills. Everything
// that is asked of it and said by it is recorded, and held against each
// guarantee by name; then each seeded bug is planted into the same history, and
// must be caught.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/robustness/checker.h"
#include "tests/robustness/producers.h"
#include "tests/robustness/recording_subscriber.h"
#include "tests/robustness/seeded_bugs.h"
#include "tests/support/status_matchers.h"

namespace chatgate::robustness {
namespace {

constexpr int kAnswersMin = 400;
constexpr int kKillsMin = 4;

unsigned FromEnvironment(const char* name, unsigned fallback) {
  const char* text = std::getenv(name);
  unsigned value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : fallback;
}

// The most memory that a process ever held.
size_t PeakKib(pid_t pid) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  std::string word;
  size_t kib = 0;
  while (status >> word) {
    if (word == "VmHWM:") status >> kib;
  }
  return kib;
}

class RobustnessTest : public ::testing::Test {
 protected:
  RobustnessTest()
      : seed_(FromEnvironment("CHATGATE_TEST_SEED", std::random_device()())),
        seconds_(FromEnvironment("CHATGATE_ROBUSTNESS_SECONDS", 30)),
        random_(seed_),
        gateway_(
            "}\n} events { bytes_max: 16777216 stream_age_s_max: 60 }\n"
            "apps { id: 888 embedded {") {
    std::cout << "CHATGATE_TEST_SEED=" << seed_
              << " CHATGATE_ROBUSTNESS_SECONDS=" << seconds_ << std::endl;
  }

  void StartSubscribers(Producers* producers) {
    const auto add = [this](Habits habits) {
      subscribers_.push_back(
          std::make_unique<RecordingSubscriber>(gateway_, std::move(habits)));
    };
    add({.name = "all"});
    add({.name = "conversation", .conversation = "dashly:2"});
    add({.name = "restless", .responses_max = 7});
    add({.name = "over HTTP", .over_http = true});
    add({.name = "conversation over HTTP",
         .conversation = "dashly:3",
         .over_http = true});
    add({.name = "raw and batched", .include_raw = true, .batch_delay_ms = 50});
    // Reads one response, then waits until much more has happened.
    add({.name = "slow", .before_read = [this, producers] {
           producers->AwaitAnswered(producers->answered() + 40);
         }});
  }

  // Kills at random moments, until the time is over.
  void KillForAWhile(Producers* producers) {
    const absl::Time end = absl::Now() + absl::Seconds(seconds_);
    // On a slow machine longer, because a void run shows nothing.
    while (absl::Now() < end || producers->answered() < kAnswersMin ||
           history_.kills < kKillsMin) {
      producers->AwaitAnswered(producers->answered() + 1 +
                               static_cast<int>(random_() % 150));
      NoteMemory();
      gateway_.KillHard();
      ++history_.kills;
      ASSERT_THAT(gateway_.Start(), IsOk());
    }
  }

  void NoteMemory() {
    history_.memory_kib_max =
        std::max(history_.memory_kib_max, PeakKib(gateway_.process().pid()));
  }

  // All that is left, by pages.
  void ReadLog() {
    const auto stub = gateway_.NewStub();
    v1::ListEventsRequest request;
    request.set_page_size(50);
    while (true) {
      grpc::ClientContext context;
      Gateway::Authorize(&context);
      v1::ListEventsResponse page;
      const grpc::Status status = stub->ListEvents(&context, request, &page);
      ASSERT_TRUE(status.ok()) << status.error_message();
      for (const v1::Event& event : page.events()) {
        history_.log.push_back(SeenOf(event));
      }
      if (page.next_page_token().empty()) break;
      request.set_page_token(page.next_page_token());
    }
    ASSERT_FALSE(history_.log.empty());
    // Retention may have gone on between two pages.
    size_t begin = 0;
    for (size_t i = 1; i < history_.log.size(); ++i) {
      if (history_.log[i].seq != history_.log[i - 1].seq + 1) begin = i;
    }
    history_.log.erase(history_.log.begin(),
                       history_.log.begin() + static_cast<long>(begin));
    history_.tail = history_.log.front().seq;
    history_.head = history_.log.back().seq;
  }

  void Print() const {
    size_t deliveries = 0;
    size_t streams = 0;
    size_t gaps = 0;
    for (const Subscriber& subscriber : history_.subscribers) {
      streams += subscriber.streams.size();
      for (const StreamOfOne& stream : subscriber.streams) {
        for (const Response& response : stream.responses) {
          deliveries += response.events.size();
          gaps += response.gap.has_value() ? 1 : 0;
        }
      }
    }
    std::cout << history_.operations.size() << " operations, " << history_.head
              << " events (from " << history_.tail << "), " << deliveries
              << " deliveries in " << streams << " streams, " << gaps
              << " gaps, " << history_.kills << " kills, "
              << history_.memory_kib_max << " KiB" << std::endl;
  }

  const unsigned seed_;
  const unsigned seconds_;
  std::minstd_rand random_;
  Gateway gateway_;
  std::vector<std::unique_ptr<RecordingSubscriber>> subscribers_;
  History history_;
};

TEST_F(RobustnessTest, EveryGuaranteeHoldsThroughKills) {
  ASSERT_THAT(gateway_.Start(), IsOk());
  {
    Producers producers(gateway_, seed_);
    StartSubscribers(&producers);
    KillForAWhile(&producers);
    producers.AwaitAnswered(producers.answered() + 100);
    history_.operations = producers.Stop();
    ASSERT_NO_FATAL_FAILURE(ReadLog());
    for (const auto& subscriber : subscribers_) {
      history_.subscribers.push_back(subscriber->Finish(history_.head));
    }
  }
  NoteMemory();
  // Once more, because retention went on while the last ones read.
  history_.log.clear();
  ASSERT_NO_FATAL_FAILURE(ReadLog());
  EXPECT_EQ(gateway_.Stop(), 0);
  Print();
  ASSERT_THAT(CheckTraffic(history_), IsOk());
  for (const Violation& violation : Check(history_)) {
    ADD_FAILURE() << violation.guarantee << ": " << violation.detail;
  }
  std::set<std::string> caught;
  for (const SeededBug& bug : SeededBugs()) {
    History buggy = history_;
    if (!bug.plant(&buggy)) continue;
    std::vector<std::string> broken;
    for (const Violation& each : Check(buggy)) {
      broken.push_back(each.guarantee);
    }
    EXPECT_THAT(broken, ::testing::Contains(bug.guarantee)) << bug.name;
    caught.insert(bug.guarantee);
  }
  EXPECT_EQ(caught.size(), 7u) << "a guarantee had nothing to be broken with";
}

}  // namespace
}  // namespace chatgate::robustness
