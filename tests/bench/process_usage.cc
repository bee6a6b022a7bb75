#include "tests/bench/process_usage.h"

#include <time.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"

namespace chatgate {

absl::Duration CpuTime(pid_t pid) {
  clockid_t clock;
  timespec time = {};
  if (clock_getcpuclockid(pid, &clock) == 0) clock_gettime(clock, &time);
  return absl::DurationFromTimespec(time);
}

size_t ResidentBytes(pid_t pid) {
  std::ifstream file(
      absl::StrCat("/proc/", pid == 0 ? getpid() : pid, "/statm"));
  size_t all_pages = 0;
  size_t resident_pages = 0;
  file >> all_pages >> resident_pages;
  return resident_pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace chatgate
