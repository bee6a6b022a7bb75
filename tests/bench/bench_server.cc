#include "tests/bench/bench_server.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "tests/integration/gateway.h"

namespace chatgate {
namespace {

constexpr absl::Duration kStartPatience = absl::Seconds(60);

// The text after `key` up to the next space.
std::string ValueOf(const std::string& line, const std::string& key) {
  const size_t begin = line.find(key);
  if (begin == std::string::npos) return "";
  return line.substr(begin + key.size(),
                     line.find(' ', begin) - begin - key.size());
}

}  // namespace

absl::StatusOr<std::unique_ptr<BenchServer>> BenchServer::StartReference(
    const std::string& reply) {
  std::unique_ptr<BenchServer> server(new BenchServer());
  server->directory_.Write("reply", reply);
  RETURN_IF_ERROR(server->Start("bench_reference"));
  return server;
}

absl::StatusOr<std::unique_ptr<BenchServer>> BenchServer::StartGateway() {
  std::unique_ptr<BenchServer> server(new BenchServer());
  RETURN_IF_ERROR(server->Start("bench_gateway"));
  return server;
}

absl::Status BenchServer::Start(const std::string& program) {
  pipe_ = std::make_unique<ControlPipe>(directory_.File("control"));
  std::vector<std::string> arguments = {
      Binary(program), absl::StrCat("--control=", pipe_->path())};
  arguments.push_back(
      program == "bench_reference"
          ? absl::StrCat("--reply_file=", directory_.File("reply"))
          : absl::StrCat("--data_dir=", directory_.File("data")));
  ASSIGN_OR_RETURN(process_, ChildProcess::Start(arguments));
  ASSIGN_OR_RETURN(const std::string line, process_->ReadLine(kStartPatience));
  if (!absl::StrContains(line, " ready ")) {
    return absl::InternalError(absl::StrCat("not a ready line: ", line));
  }
  grpc_address_ = ValueOf(line, "grpc=");
  http_address_ = ValueOf(line, "http=");
  return absl::OkStatus();
}

}  // namespace chatgate
