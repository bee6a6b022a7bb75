// bench_reference: what the same libraries do with nothing around them. Says
// where it listens, and ends with its standard input's or the control pipe's
// writer.
#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "tests/bench/bare_grpc.h"
#include "tests/bench/bare_http.h"
#include "tests/bench/control_pipe.h"

ABSL_FLAG(std::string, reply_file, "", "What GetConversation replies.");
ABSL_FLAG(std::string, control, "", "The pipe that allows events.");

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  absl::ParseCommandLine(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  std::ifstream file(absl::GetFlag(FLAGS_reply_file), std::ios::binary);
  const std::string reply((std::istreambuf_iterator<char>(file)), {});
  chatgate::BareGrpc grpc(reply);
  chatgate::BareHttp http;
  absl::PrintF("reference ready grpc=%s http=%s\n", grpc.address(),
               http.address());
  std::fflush(stdout);
  chatgate::FollowControlPipe(
      absl::GetFlag(FLAGS_control),
      [&grpc](uint64_t seq) { grpc.fanout().Allow(seq); });
  // Streams may still be open: the client has gone, so nobody waits for them.
  _exit(0);
}
