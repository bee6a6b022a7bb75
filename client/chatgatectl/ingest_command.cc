#include "client/chatgatectl/ingest_command.h"

#include <httplib.h>

#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/chatgatectl/terminal.h"
#include "client/file.h"
#include "client/printable.h"

namespace chatgate {
namespace {

constexpr size_t kBodyBytesMax = 16 << 20;

std::string TypeOf(const std::string& file, const IngestOptions& options) {
  if (!options.type.empty()) return options.type;
  if (absl::EndsWith(file, ".json")) return "application/json";
  return "application/x-www-form-urlencoded";
}

// Posts one file. UNAVAILABLE: no answer; another error: an answer but 200, or
// none was asked for.
absl::Status PostFile(const std::string& file, const IngestOptions& options,
                      httplib::Client& http, const ProgressLine& progress) {
  const absl::StatusOr<std::string> body = ReadFile(file);
  if (!body.ok()) return body.status();
  if (body->size() > kBodyBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, " is larger than 16 MiB"));
  }
  const httplib::Result result =
      http.Post(options.path, *body, TypeOf(file, options));
  if (!result) {
    return absl::UnavailableError(
        absl::StrCat("no answer from ", options.http, ": ",
                     httplib::to_string(result.error())));
  }
  progress.Hide();
  std::cout << file << " " << result->status << " "
            << Printable(absl::StripTrailingAsciiWhitespace(result->body))
            << "\n"
            << std::flush;
  if (result->status == 200) return absl::OkStatus();
  return absl::UnknownError(
      absl::StrCat(file, " was answered ", result->status));
}

}  // namespace

ExitCode RunIngest(const std::vector<std::string>& files,
                   const IngestOptions& options) {
  if (files.empty()) {
    return FailUsage(absl::InvalidArgumentError(
        "ingest takes FILE..., each the body of a webhook"));
  }
  if (absl::StrContains(options.http, "/")) {
    return FailUsage(absl::InvalidArgumentError(
        "--http is HOST:PORT alone, such as --http 127.0.0.1:8080, without "
        "http:// and path (--path says where to post)"));
  }
  const size_t colon = options.http.rfind(':');
  int port = 0;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(options.http.substr(colon + 1), &port) || port < 1 ||
      port > 65535) {
    return FailUsage(absl::InvalidArgumentError(
        "--http HOST:PORT of the gateway's HTTP listener is missing, such as "
        "--http 127.0.0.1:8080"));
  }
  if (!absl::StartsWith(options.path, "/")) {
    return FailUsage(absl::InvalidArgumentError("--path begins with /"));
  }
  httplib::Client http(options.http.substr(0, colon), port);
  http.set_tcp_nodelay(true);
  http.set_keep_alive(true);
  http.set_connection_timeout(5);
  http.set_read_timeout(30);
  http.set_write_timeout(30);
  ExitCode exit_code = kExitOk;
  const ProgressLine progress("posted", static_cast<int64_t>(files.size()));
  int64_t posted = 0;
  for (const std::string& file : files) {
    progress.Show(posted++);
    const absl::Status status = PostFile(file, options, http, progress);
    if (status.ok()) continue;
    progress.Hide();
    if (absl::IsUnavailable(status)) {
      return Fail(status, " - is the gateway's HTTP listener at --http?");
    }
    exit_code = Fail(status, "");
  }
  return exit_code;
}

}  // namespace chatgate
