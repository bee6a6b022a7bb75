#ifndef CHATGATE_TESTS_ROBUSTNESS_SCENARIO_H_
#define CHATGATE_TESTS_ROBUSTNESS_SCENARIO_H_

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/integration/gateway.h"
#include "tests/robustness/history.h"
#include "tests/robustness/producers.h"
#include "tests/robustness/recording_lister.h"
#include "tests/robustness/recording_subscriber.h"

namespace chatgate::robustness {

struct ScenarioOptions {
  unsigned seed = 1;
  absl::Duration time = absl::Seconds(30);  // Of the kills.
  // On a slow machine it goes on until there are so many, because a void run
  // shows nothing.
  int answers_min = 400;
  int kills_min = 4;
  // What is killed, as in Gateway::SetProgram. What reads the log in the end is
  // the gateway itself.
  std::vector<std::string> program = {"chatgate"};
};

// Scenario is a run of a gateway under random producers and kills, with
// subscribers of every kind, and the record of all that was asked and said.
//
// Threads: one.
class Scenario {
 public:
  explicit Scenario(ScenarioOptions options);

  // Once. Not OK: a gateway did not start, or not answer.
  absl::StatusOr<History> Run();

 private:
  void StartSubscribers(Producers* producers);
  void StartListers(Producers* producers);
  absl::Status KillForAWhile(Producers* producers);
  void NoteMemory();
  // A last message to every conversation: who has read everything, and waits
  // for what its filter lets through, learns so at once.
  absl::Status SayFarewell();
  // All that is left, by pages.
  absl::Status ReadLog();

  const ScenarioOptions options_;
  std::minstd_rand random_;
  Gateway gateway_;
  std::vector<std::unique_ptr<RecordingSubscriber>> subscribers_;
  std::vector<std::unique_ptr<RecordingLister>> listers_;
  History history_;
};

// How much of what was in it, for people.
std::string Summary(const History& history);

}  // namespace chatgate::robustness

#endif  // CHATGATE_TESTS_ROBUSTNESS_SCENARIO_H_
