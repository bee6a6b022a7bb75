#ifndef CHATGATE_TESTS_BENCH_BENCHMARKS_H_
#define CHATGATE_TESTS_BENCH_BENCHMARKS_H_

#include "absl/status/status.h"
#include "tests/bench/comparison.h"

namespace chatgate {

// Each runs the rows of one family that are wanted. docs/benchmarks.md says
// what they mean.
absl::Status RunAppendBenchmarks(Comparison& comparison);
absl::Status RunUnaryBenchmarks(Comparison& comparison);
absl::Status RunCachedBenchmarks(Comparison& comparison);
absl::Status RunReplyBenchmarks(Comparison& comparison);
absl::Status RunIngestBenchmarks(Comparison& comparison);
absl::Status RunFanoutBenchmarks(Comparison& comparison);
absl::Status RunPacedBenchmarks(Comparison& comparison);
absl::Status RunLatencyBenchmarks(Comparison& comparison);
absl::Status RunReplayBenchmarks(Comparison& comparison);
absl::Status RunMemoryBenchmarks(Comparison& comparison);

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_BENCHMARKS_H_
