// unary/get_conversation/N: a conversation by its id, from the real gateway
// over the wire, against the fastest server that replies the same bytes.
#include <google/protobuf/util/message_differencer.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "tests/bench/bench_server.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/sample_event.h"
#include "tests/bench/unary_load.h"
#include "tests/integration/gateway.h"

namespace chatgate {
namespace {

constexpr char kMethod[] = "/chatgate.v1.ChatService/GetConversation";
constexpr uint64_t kConversation = 64558819;

std::string Question() {
  v1::GetConversationRequest request;
  request.set_app_id(777);
  request.set_conversation_id(kConversation);
  return request.SerializeAsString();
}

bool SameReply(const std::string& a, const std::string& b) {
  v1::GetConversationResponse one;
  v1::GetConversationResponse other;
  return one.ParseFromString(a) && other.ParseFromString(b) &&
         one.conversation().id() == kConversation &&
         google::protobuf::util::MessageDifferencer::Equals(one, other);
}

}  // namespace

absl::Status RunUnaryBenchmarks(Comparison& comparison) {
  if (!comparison.Wants("unary/get_conversation")) return absl::OkStatus();
  Gateway gateway;
  RETURN_IF_ERROR(gateway.Start());
  // Its first message makes the conversation known.
  if (gateway.PostDashly(SamplePartJson(78183798, kConversation)).status !=
      200) {
    return absl::UnavailableError("the gateway refused a webhook");
  }
  UnaryLoad first(gateway.grpc_address(), kMethod, Question(), kCallerToken, 1,
                  SameReply);
  RETURN_IF_ERROR(first.Run(absl::Milliseconds(1)).status());
  ASSIGN_OR_RETURN(const std::unique_ptr<BenchServer> reference,
                   BenchServer::StartReference(first.reply()));
  for (const int in_flight : {1, 16, 64}) {
    const std::string name = absl::StrCat("unary/get_conversation/", in_flight);
    if (!comparison.Wants(name, in_flight)) continue;
    UnaryLoad ours(gateway.grpc_address(), kMethod, Question(), kCallerToken,
                   in_flight, SameReply);
    UnaryLoad theirs(reference->grpc_address(), kMethod, Question(),
                     kCallerToken, in_flight, SameReply);
    RETURN_IF_ERROR(comparison.Run(
        name, "calls/s",
        {"chatgate", [&](absl::Duration time) { return ours.Run(time); },
         gateway.process().pid()},
        {{"bare-grpc", [&](absl::Duration time) { return theirs.Run(time); },
          reference->pid()}}));
    if (!SameReply(ours.reply(), theirs.reply())) {
      return absl::DataLossError("the two sides reply differently");
    }
  }
  return absl::OkStatus();
}

}  // namespace chatgate
