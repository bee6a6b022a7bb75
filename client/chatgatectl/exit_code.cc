#include "client/chatgatectl/exit_code.h"

#include <iostream>

#include "absl/strings/string_view.h"
#include "client/standard_output.h"
#include "client/status.h"

namespace chatgate {
namespace {

absl::string_view Advice(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnauthenticated:
      return " - set CHATGATE_TOKEN or --token_file to a caller's token";
    case absl::StatusCode::kPermissionDenied:
      return " - use the token of a caller whose role and apps allow it";
    case absl::StatusCode::kUnavailable:
      return " - is the gateway running at --server, and TLS as it expects?";
    case absl::StatusCode::kDeadlineExceeded:
      return " - try again, or with a longer --deadline";
    case absl::StatusCode::kUnimplemented:
      return " - this gateway does not serve it yet";
    default:
      return "";
  }
}

}  // namespace

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return kExitDenied;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kExitUnavailable;
    default:
      return kExitFailed;
  }
}

ExitCode Fail(const absl::Status& status) {
  return Fail(status, Advice(status));
}

ExitCode Fail(const absl::Status& status, absl::string_view advice) {
  std::cerr << "chatgatectl: " << ErrorLine(status) << advice << "\n";
  return ExitCodeOf(status);
}

ExitCode FailUsage(const absl::Status& status) {
  std::cerr << "chatgatectl: " << status.message() << "\n";
  return kExitUsage;
}

ExitCode FailOutput(const absl::Status& status) {
  return IsOutputClosed() ? kExitFailed : Fail(status);
}

ExitCode Finish(ExitCode exit_code) {
  // Another error has been told already.
  if (exit_code != kExitOk) return exit_code;
  const absl::Status flushed = FlushOutput();
  return flushed.ok() ? kExitOk : FailOutput(flushed);
}

}  // namespace chatgate
