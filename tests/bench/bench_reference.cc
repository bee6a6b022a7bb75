// bench_reference: what the same libraries do with nothing around them. Says
// where it listens, and ends with its standard input's or the control pipe's
// writer.
#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "server/base/mutex.h"
#include "tests/bench/bare_grpc.h"
#include "tests/bench/bare_http.h"
#include "tests/bench/bare_log.h"
#include "tests/bench/control_pipe.h"
#include "tests/bench/sample_event.h"

ABSL_FLAG(std::string, reply_file, "", "What unary methods reply.");
ABSL_FLAG(std::string, control, "", "The pipe that allows events.");
ABSL_FLAG(std::string, log_file, "",
          "A new SQLite log that events go through before they are sent, and "
          "replies before they are answered.");
ABSL_FLAG(std::string, log_schema_file, "", "The SQL of its tables.");

namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

// Sends what is allowed once it is on stable storage.
class LoggedFanout {
 public:
  LoggedFanout(chatgate::BareLog& log, chatgate::BareFanout& fanout)
      : log_(log), fanout_(fanout) {}

  void Allow(uint64_t last) {
    while (next_ <= last) {
      {
        chatgate::MutexLock lock(mu_);
        if (under_way_ >= kUnderWayMax) {
          while (under_way_ > kUnderWayMax / 2) answered_.Wait(mu_);
        }
        ++under_way_;
      }
      log_.Append(next_++, [this](absl::StatusOr<uint64_t> seq) {
        if (!seq.ok()) _exit(1);
        fanout_.Allow(*seq);
        chatgate::MutexLock lock(mu_);
        if (--under_way_ == kUnderWayMax / 2) answered_.Signal();
      });
    }
  }

 private:
  // As the producer of bench_gateway.
  static constexpr int kUnderWayMax = 512;

  chatgate::BareLog& log_;
  chatgate::BareFanout& fanout_;
  uint64_t next_ = 1;
  chatgate::Mutex mu_;
  chatgate::CondVar answered_;
  int under_way_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  absl::ParseCommandLine(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  std::unique_ptr<chatgate::BareLog> log;
  const std::string log_file = absl::GetFlag(FLAGS_log_file);
  if (!log_file.empty()) {
    auto opened = chatgate::BareLog::Open(
        log_file, {ReadFile(absl::GetFlag(FLAGS_log_schema_file))},
        chatgate::SampleEventWithoutSeq());
    if (!opened.ok()) {
      absl::FPrintF(stderr, "bench_reference: %s\n",
                    opened.status().ToString());
      return 1;
    }
    log = *std::move(opened);
  }
  chatgate::BareGrpc grpc(ReadFile(absl::GetFlag(FLAGS_reply_file)), log.get());
  chatgate::BareHttp http;
  absl::PrintF("reference ready grpc=%s http=%s\n", grpc.address(),
               http.address());
  std::fflush(stdout);
  if (log == nullptr) {
    chatgate::FollowControlPipe(
        absl::GetFlag(FLAGS_control),
        [&grpc](uint64_t seq) { grpc.fanout().Allow(seq); });
    // Streams may still be open: the client has gone, so nobody waits for them.
    _exit(0);
  }
  LoggedFanout fanout(*log, grpc.fanout());
  chatgate::FollowControlPipe(absl::GetFlag(FLAGS_control),
                              [&fanout](uint64_t seq) { fanout.Allow(seq); });
  _exit(0);
}
