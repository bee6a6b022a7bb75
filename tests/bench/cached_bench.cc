// unary/get_conversation_cached/N: conversations of another platform, from what
// the gateway knows of them, against the same read of an embedded platform.
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chatgate/v1/operations.grpc.pb.h"
#include "server/base/status_macros.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/conversation_script.h"
#include "tests/bench/conversations.h"
#include "tests/bench/unary_load.h"
#include "tests/integration/gateway.h"

namespace chatgate {
namespace {

constexpr char kName[] = "unary/get_conversation_cached";
constexpr int kConversations = 100;
constexpr absl::Duration kStalenessMax = absl::Hours(1);

// Requests that the gateway has sent to its platform.
absl::StatusOr<int64_t> RequestsSent(const Gateway& gateway) {
  const auto stub = v1::OperationsService::NewStub(grpc::CreateChannel(
      gateway.grpc_address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  Gateway::Authorize(&context);
  v1::ListSpendingResponse response;
  const grpc::Status status =
      stub->ListSpending(&context, v1::ListSpendingRequest(), &response);
  if (!status.ok()) {
    return absl::UnavailableError(
        absl::StrCat("ListSpending was refused: ", status.error_message()));
  }
  int64_t requests = 0;
  for (const v1::Spending& spending : response.spending()) {
    requests += spending.requests();
  }
  return requests;
}

// A gateway, and another one in front of it that calls it over the Web API.
struct TwoGateways {
  Gateway platform{"requests_per_minute: 0"};
  Gateway front;
  std::vector<uint64_t> conversations;

  absl::Status Start() {
    RETURN_IF_ERROR(platform.Start());
    front.SetPlatform(absl::StrCat("web_api { base_url: \"http://",
                                   platform.http_address(),
                                   "/v1\" requests_per_minute: 100000 }"));
    RETURN_IF_ERROR(front.Start());
    ASSIGN_OR_RETURN(conversations,
                     StartConversations(platform, kConversations));
    return LearnAll();
  }

  // From now on the front knows each conversation.
  absl::Status LearnAll() {
    ConversationScript script(conversations, {.max_staleness = kStalenessMax});
    UnaryLoad load(front.grpc_address(), kCallerToken, 8, script);
    while (load.answered() < conversations.size()) {
      RETURN_IF_ERROR(load.Run(absl::Milliseconds(1)).status());
    }
    return absl::OkStatus();
  }
};

absl::Status RunCached(int in_flight, const std::string& name,
                       TwoGateways& gateways, Comparison& comparison) {
  ConversationScript our_script(gateways.conversations,
                                {.max_staleness = kStalenessMax});
  UnaryLoad ours(gateways.front.grpc_address(), kCallerToken, in_flight,
                 our_script);
  ConversationScript their_script(gateways.conversations,
                                  {.max_staleness = kStalenessMax});
  UnaryLoad theirs(gateways.platform.grpc_address(), kCallerToken, in_flight,
                   their_script);
  RETURN_IF_ERROR(comparison.Run(
      name, "calls/s",
      {"chatgate", [&](absl::Duration time) { return ours.Run(time); },
       gateways.front.process().pid()},
      {{"embedded", [&](absl::Duration time) { return theirs.Run(time); },
        gateways.platform.process().pid()}}));
  return our_script.CheckSame(their_script);
}

}  // namespace

absl::Status RunCachedBenchmarks(Comparison& comparison) {
  if (!comparison.Wants(kName)) return absl::OkStatus();
  TwoGateways gateways;
  RETURN_IF_ERROR(gateways.Start());
  for (const int in_flight : {1, 16}) {
    const std::string name = absl::StrCat(kName, "/", in_flight);
    if (!comparison.Wants(name, in_flight)) continue;
    RETURN_IF_ERROR(RunCached(in_flight, name, gateways, comparison));
  }
  // Each conversation was asked for once, whatever number of calls there was.
  ASSIGN_OR_RETURN(const int64_t sent, RequestsSent(gateways.front));
  if (sent <= kConversations) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("what was known cost ", sent, " requests"));
}

}  // namespace chatgate
