#ifndef CHATGATE_CLIENT_CHATGATECTL_EXIT_CODE_H_
#define CHATGATE_CLIENT_CHATGATECTL_EXIT_CODE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace chatgate {

// What chatgatectl ends with; docs/chatgatectl.md says the same.
enum ExitCode {
  kExitOk = 0,
  kExitFailed = 1,       // The call was refused, or a file or the output was.
  kExitUsage = 2,        // The command line is wrong.
  kExitDenied = 3,       // No token, a wrong one, or a role that is too low.
  kExitUnavailable = 4,  // The gateway cannot be reached or is too slow.
};

// The exit code for what an RPC ended with.
ExitCode ExitCodeOf(const absl::Status& status);

// Writes one line to standard error: what went wrong and what to do. Returns
// the exit code.
ExitCode Fail(const absl::Status& status);
// With another `advice` than that for the gateway's gRPC, such as ` - try ...`.
ExitCode Fail(const absl::Status& status, absl::string_view advice);
// The same for a wrong command line.
ExitCode FailUsage(const absl::Status& status);

// The same where standard output did not take everything, which `status` says.
// No line where a pipe was closed: who closed it has what they wanted.
ExitCode FailOutput(const absl::Status& status);

// What a command ends with whose own end is `exit_code`: FailOutput, where
// standard output did not take everything.
ExitCode Finish(ExitCode exit_code);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_CHATGATECTL_EXIT_CODE_H_
