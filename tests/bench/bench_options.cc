#include "tests/bench/bench_options.h"

#include <cstdio>
#include <cstdlib>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_format.h"

ABSL_FLAG(bool, json, false, "One JSON object a line instead of a table.");
ABSL_FLAG(bool, head, true, "Begin the table with the names of its columns.");
ABSL_FLAG(std::string, only, "", "Run the rows whose name begins so.");
ABSL_FLAG(int, rounds, 5, "Rounds of each pair, after one of warming up.");
ABSL_FLAG(uint64_t, log_events, 1'000'000,
          "Events of the log that start and catchup read.");
ABSL_FLAG(int, size_max, 1'000'000,
          "Leave out rows of more connections, subscribers or the like.");
ABSL_FLAG(absl::Duration, round, absl::Milliseconds(600),
          "How long each side runs in a round.");

namespace chatgate {

BenchOptions ReadBenchOptions(int argc, char** argv, const char* program_does) {
  absl::SetProgramUsageMessage(program_does);
  absl::ParseCommandLine(argc, argv);
  BenchOptions options;
  options.json = absl::GetFlag(FLAGS_json);
  options.head = absl::GetFlag(FLAGS_head);
  options.only = absl::GetFlag(FLAGS_only);
  options.rounds = absl::GetFlag(FLAGS_rounds);
  options.round = absl::GetFlag(FLAGS_round);
  options.size_max = absl::GetFlag(FLAGS_size_max);
  options.log_events = absl::GetFlag(FLAGS_log_events);
  if (options.rounds < 1 || options.round <= absl::ZeroDuration()) {
    absl::FPrintF(stderr, "--rounds and --round must be positive\n");
    std::exit(2);
  }
  return options;
}

}  // namespace chatgate
