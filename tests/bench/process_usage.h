#ifndef CHATGATE_TESTS_BENCH_PROCESS_USAGE_H_
#define CHATGATE_TESTS_BENCH_PROCESS_USAGE_H_

#include <sys/types.h>

#include <cstddef>

#include "absl/time/time.h"

namespace chatgate {

// What a process has taken so far; `pid` 0 is this one.
absl::Duration CpuTime(pid_t pid);
size_t ResidentBytes(pid_t pid);

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_PROCESS_USAGE_H_
