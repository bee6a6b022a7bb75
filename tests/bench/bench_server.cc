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
    const std::string& reply, const std::string& log_schema) {
  std::unique_ptr<BenchServer> server(new BenchServer());
  server->directory_.Write("reply", reply);
  std::vector<std::string> arguments = {
      Binary("bench_reference"),
      absl::StrCat("--reply_file=", server->directory_.File("reply"))};
  if (!log_schema.empty()) {
    server->directory_.Write("schema", log_schema);
    arguments.push_back(
        absl::StrCat("--log_file=", server->directory_.File("bare.db")));
    arguments.push_back(
        absl::StrCat("--log_schema_file=", server->directory_.File("schema")));
  }
  RETURN_IF_ERROR(server->Start(std::move(arguments)));
  return server;
}

absl::StatusOr<std::unique_ptr<BenchServer>> BenchServer::StartGateway(
    const std::string& data_dir, size_t ring_bytes) {
  std::unique_ptr<BenchServer> server(new BenchServer());
  RETURN_IF_ERROR(server->Start(
      {Binary("bench_gateway"),
       absl::StrCat("--data_dir=", data_dir.empty()
                                       ? server->directory_.File("data")
                                       : data_dir),
       absl::StrCat("--ring_bytes=", ring_bytes)}));
  return server;
}

absl::Status BenchServer::Start(std::vector<std::string> arguments) {
  pipe_ = std::make_unique<ControlPipe>(directory_.File("control"));
  arguments.push_back(absl::StrCat("--control=", pipe_->path()));
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
