#include "client/chatgatectl/fake_upstream_command.h"

#include <iostream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/fake_upstream/fake_upstream.h"
#include "client/stop_signal.h"

namespace chatgate {
namespace {

constexpr int64_t kLimitMax = 100'000;

bool Split(const std::string& text, uint32_t port_min, std::string* host,
           uint16_t* port) {
  const size_t colon = text.rfind(':');
  uint32_t number = 0;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(text.substr(colon + 1), &number) || number < port_min ||
      number > 65535) {
    return false;
  }
  *host = text.substr(0, colon);
  *port = static_cast<uint16_t>(number);
  return true;
}

absl::StatusOr<FakeUpstreamOptions> OptionsOf(const FakeUpstreamFlags& flags) {
  FakeUpstreamOptions options;
  if (!Split(flags.listen, 0, &options.listen_host, &options.listen_port)) {
    return absl::InvalidArgumentError("--listen takes HOST:PORT");
  }
  if (!Split(flags.to, 1, &options.to_host, &options.to_port)) {
    return absl::InvalidArgumentError(
        "--to takes the HOST:PORT of a gateway's HTTP listener");
  }
  if (flags.limit < 0 || flags.limit > kLimitMax) {
    return absl::InvalidArgumentError("--limit is from 0 to 100000");
  }
  options.requests_per_minute = static_cast<int>(flags.limit);
  const absl::StatusOr<LimitKind> kind = ParseLimitKind(flags.limit_kind);
  if (!kind.ok()) return kind.status();
  options.limit_kind = *kind;
  return options;
}

}  // namespace

ExitCode RunFakeUpstream(const FakeUpstreamFlags& flags) {
  const absl::StatusOr<FakeUpstreamOptions> options = OptionsOf(flags);
  if (!options.ok()) return FailUsage(options.status());
  absl::StatusOr<FaultPlan> plan =
      FaultPlan::Parse(flags.faults, static_cast<uint64_t>(flags.seed));
  if (!plan.ok()) return FailUsage(plan.status());

  // Before the threads that would take the signals.
  BlockStopSignals();
  Mutex mu;
  CondVar stopped;
  bool stop = false;
  const absl::StatusOr<std::unique_ptr<FakeUpstream>> upstream =
      FakeUpstream::Start(*options, *std::move(plan));
  if (!upstream.ok()) {
    return absl::IsInvalidArgument(upstream.status())
               ? FailUsage(upstream.status())
               : Fail(upstream.status());
  }
  std::cout << "fake-upstream ready base_url=http://" << options->listen_host
            << ":" << (*upstream)->port() << "/v1\n"
            << std::flush;
  {
    const StopSignal signal([&] {
      MutexLock lock(mu);
      stop = true;
      stopped.Signal();
    });
    MutexLock lock(mu);
    while (!stop) stopped.Wait(mu);
  }
  for (const auto& [fault, count] : (*upstream)->counts()) {
    std::cout << FaultName(fault) << " " << count << "\n";
  }
  return kExitOk;
}

}  // namespace chatgate
