#ifndef CHATGATE_TESTS_SUPPORT_CHILD_PROCESS_H_
#define CHATGATE_TESTS_SUPPORT_CHILD_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace chatgate {

// A program that a test has started, with its standard output read line by
// line; its standard error goes to the test's. Killed and waited for at the end
// of the scope.
//
// Threads: one at a time.
class ChildProcess {
 public:
  // `arguments[0]` is the program's path; `environment` is added to the test's
  // own, as `NAME=value`.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(
      const std::vector<std::string>& arguments,
      const std::vector<std::string>& environment = {});

  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }

  // The next line, without its end. DEADLINE_EXCEEDED after `patience`;
  // OUT_OF_RANGE when the program has closed its output.
  absl::StatusOr<std::string> ReadLine(absl::Duration patience);

  // Everything up to the end of the output.
  std::string ReadAll(absl::Duration patience);

  void Signal(int signal);

  // Waits for the end: the exit code, or 128 + the signal that ended it.
  int Wait();

  // SIGKILL and Wait.
  void KillHard();

 private:
  ChildProcess(pid_t pid, int output) : pid_(pid), output_(output) {}

  pid_t pid_;
  int output_;
  bool ended_ = false;
  int exit_code_ = 0;
  std::string buffer_;  // Read, not yet handed out.
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_SUPPORT_CHILD_PROCESS_H_
