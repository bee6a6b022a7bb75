#ifndef CHATGATE_TESTS_BENCH_BENCH_OPTIONS_H_
#define CHATGATE_TESTS_BENCH_BENCH_OPTIONS_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace chatgate {

// What the programs of scripts/bench are told, each the same.
// docs/benchmarks.md says what the options mean.
struct BenchOptions {
  bool json = false;
  bool head = true;  // The table's first line, where there is a table.
  std::string only;  // Rows whose name begins so.
  int rounds = 5;
  absl::Duration round = absl::Milliseconds(600);
  uint64_t log_events = 1'000'000;  // Of `start` and `catchup`.
  int size_max = 1'000'000;         // Larger rows are left out.
};

// Reads them from the command line. Ends the program with exit code 2 where
// they make no sense.
BenchOptions ReadBenchOptions(int argc, char** argv, const char* program_does);

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_BENCH_OPTIONS_H_
