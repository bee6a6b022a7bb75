// unary/reply_to_conversation/N: replies that are answered once they are on
// stable storage, against the fastest server that keeps a record of the same
// size and replies the same bytes.
#include <memory>
#include <random>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "server/base/status_macros.h"
#include "server/event_log/event_tables.h"
#include "tests/bench/bench_server.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/conversations.h"
#include "tests/bench/log_check.h"
#include "tests/bench/sample_event.h"
#include "tests/bench/unary_load.h"
#include "tests/integration/gateway.h"

namespace chatgate {
namespace {

constexpr char kName[] = "unary/reply_to_conversation";
constexpr int kConversations = 100;

// A bot's replies, in one conversation after the other. Each carries a
// `request_id` of its own, as that of a caller which wants to repeat it safely.
class ReplyScript final : public UnaryScript {
 public:
  // Of all scripts together no two may have the same `seed`.
  ReplyScript(std::vector<uint64_t> conversations, uint64_t seed)
      : conversations_(std::move(conversations)), random_(seed) {
    request_.set_app_id(777);
    request_.set_body(SampleWords());
  }

  std::string Method() const override {
    return "/chatgate.v1.ChatService/ReplyToConversation";
  }

  grpc::ByteBuffer Request(uint64_t n) override {
    request_.set_conversation_id(ConversationOf(n));
    // A UUID of version 4.
    const uint64_t high = random_();
    const uint64_t low = random_();
    request_.set_request_id(absl::StrFormat(
        "%08x-%04x-4%03x-a%03x-%012x", high >> 32, (high >> 16) & 0xffff,
        high & 0xfff, low >> 52, low & 0xffff'ffff'ffff));
    return ToBuffer(request_.SerializeAsString());
  }

  absl::Status Check(uint64_t n, const std::string& reply) override {
    if (!reply_.ParseFromString(reply) || reply_.part().id() == 0) {
      return absl::DataLossError("an answer without a part");
    }
    if (answers_for_ == AnswersFor::kEach &&
        (reply_.part().conversation() != ConversationOf(n) ||
         reply_.part().body() != request_.body())) {
      return absl::DataLossError(
          absl::StrCat("the answer to call ", n, " is another one's"));
    }
    if (!parts_.insert(reply_.part().id()).second) {
      return absl::DataLossError(
          absl::StrCat("part ", reply_.part().id(), " came twice"));
    }
    return absl::OkStatus();
  }

  // The reference knows one part, to which it gives new ids.
  void AllowOneAnswerForAll() { answers_for_ = AnswersFor::kAll; }

  // The last answer, without the part's id.
  std::string ReplyWithoutId() const {
    v1::ReplyToConversationResponse reply = reply_;
    reply.mutable_part()->clear_id();
    return reply.SerializeAsString();
  }

 private:
  enum class AnswersFor { kEach, kAll };

  uint64_t ConversationOf(uint64_t n) const {
    return conversations_[n % conversations_.size()];
  }

  const std::vector<uint64_t> conversations_;
  std::mt19937_64 random_;
  AnswersFor answers_for_ = AnswersFor::kEach;
  v1::ReplyToConversationRequest request_;
  v1::ReplyToConversationResponse reply_;
  std::unordered_set<uint64_t> parts_;
};

// A gateway with conversations to reply in.
class Talks {
 public:
  absl::Status Start() {
    RETURN_IF_ERROR(gateway_.Start());
    ASSIGN_OR_RETURN(conversations_,
                     StartConversations(gateway_, kConversations));
    ASSIGN_OR_RETURN(events_before_, HeadOf(gateway_.grpc_address()));
    return absl::OkStatus();
  }

  Gateway& gateway() { return gateway_; }
  const std::vector<uint64_t>& conversations() const { return conversations_; }

  // Whoever asked says how many replies were answered.
  void Answered(uint64_t replies) { replies_ += replies; }

  // Each reply is in its conversation and in the log, and nothing else is.
  absl::Status Check() const {
    ASSIGN_OR_RETURN(const uint64_t parts,
                     CountParts(gateway_, conversations_));
    if (parts != kConversations + replies_) {
      return absl::DataLossError(
          absl::StrCat(replies_, " replies were answered, the conversations ",
                       "have ", parts - kConversations));
    }
    return CheckLog(gateway_.grpc_address(), events_before_ + replies_);
  }

 private:
  Gateway gateway_;
  std::vector<uint64_t> conversations_;
  uint64_t events_before_ = 0;
  uint64_t replies_ = 0;
};

absl::Status RunReplies(int in_flight, const std::string& name, Talks& talks,
                        const BenchServer& reference, Comparison& comparison) {
  ReplyScript our_script(talks.conversations(),
                         static_cast<uint64_t>(in_flight) + 1);
  UnaryLoad ours(talks.gateway().grpc_address(), kCallerToken, in_flight,
                 our_script);
  ReplyScript their_script(talks.conversations(), 0);
  their_script.AllowOneAnswerForAll();
  UnaryLoad theirs(reference.grpc_address(), kCallerToken, in_flight,
                   their_script);
  RETURN_IF_ERROR(comparison.Run(
      name, "calls/s",
      {"chatgate", [&](absl::Duration time) { return ours.Run(time); },
       talks.gateway().process().pid()},
      {{"bare-grpc-log", [&](absl::Duration time) { return theirs.Run(time); },
        reference.pid()}}));
  talks.Answered(ours.answered());
  return talks.Check();
}

}  // namespace

absl::Status RunReplyBenchmarks(Comparison& comparison) {
  if (!comparison.Wants(kName)) return absl::OkStatus();
  Talks talks;
  RETURN_IF_ERROR(talks.Start());
  ReplyScript first_script(talks.conversations(), 1);
  {
    UnaryLoad first(talks.gateway().grpc_address(), kCallerToken, 1,
                    first_script);
    RETURN_IF_ERROR(first.Run(absl::Milliseconds(1)).status());
    talks.Answered(first.answered());
  }
  ASSIGN_OR_RETURN(
      const std::unique_ptr<BenchServer> reference,
      BenchServer::StartReference(first_script.ReplyWithoutId(),
                                  absl::StrJoin(EventLogSchema().steps, ";")));
  for (const int in_flight : {1, 16, 64}) {
    const std::string name = absl::StrCat(kName, "/", in_flight);
    if (!comparison.Wants(name, in_flight)) continue;
    RETURN_IF_ERROR(RunReplies(in_flight, name, talks, *reference, comparison));
  }
  return absl::OkStatus();
}

}  // namespace chatgate
