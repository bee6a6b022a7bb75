// unary/get_conversation/N: conversations by their ids, from the real gateway
// over the wire, against the fastest server that replies as many bytes.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "tests/bench/bench_server.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/conversation_script.h"
#include "tests/bench/conversations.h"
#include "tests/bench/unary_load.h"
#include "tests/integration/gateway.h"

namespace chatgate {
namespace {

constexpr char kName[] = "unary/get_conversation";
constexpr char kAnewName[] = "unary/get_conversation_anew";
constexpr int kConversations = 100;

absl::Status RunReads(int in_flight, const std::string& name, Gateway& gateway,
                      const BenchServer& reference, ConversationScript& script,
                      const std::string& reply, Comparison& comparison) {
  UnaryLoad ours(gateway.grpc_address(), kCallerToken, in_flight, script);
  EchoScript echo(script, reply);
  UnaryLoad theirs(reference.grpc_address(), kCallerToken, in_flight, echo);
  return comparison.Run(
      name, "calls/s",
      {"chatgate", [&](absl::Duration time) { return ours.Run(time); },
       gateway.process().pid()},
      {{"bare-grpc", [&](absl::Duration time) { return theirs.Run(time); },
        reference.pid()}});
}

}  // namespace

absl::Status RunUnaryBenchmarks(Comparison& comparison) {
  if (!comparison.Wants(kName) && !comparison.Wants(kAnewName)) {
    return absl::OkStatus();
  }
  Gateway gateway;
  RETURN_IF_ERROR(gateway.Start());
  ASSIGN_OR_RETURN(const std::vector<uint64_t> conversations,
                   StartConversations(gateway, kConversations));
  ConversationScript script(conversations);
  ConversationScript anew(conversations, {.each_anew = true});
  {
    UnaryLoad first(gateway.grpc_address(), kCallerToken, 1, script);
    RETURN_IF_ERROR(first.Run(absl::Milliseconds(1)).status());
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<BenchServer> reference,
                   BenchServer::StartReference(script.reply()));
  // Both answer with the reference's one reply.
  for (const auto& [row, each] :
       {std::pair(kName, &script), std::pair(kAnewName, &anew)}) {
    for (const int in_flight : {1, 16, 64}) {
      const std::string name = absl::StrCat(row, "/", in_flight);
      if (!comparison.Wants(name, in_flight)) continue;
      RETURN_IF_ERROR(RunReads(in_flight, name, gateway, *reference, *each,
                               script.reply(), comparison));
    }
  }
  return absl::OkStatus();
}

}  // namespace chatgate
