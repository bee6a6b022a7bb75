#ifndef CHATGATE_CLIENT_RESPONDER_ACTION_CALL_H_
#define CHATGATE_CLIENT_RESPONDER_ACTION_CALL_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "chatgate/v1/events.pb.h"
#include "client/responder/decider.h"
#include "client/responder/rule_set.h"

namespace chatgate {

// The call that does what a Decision says: one request of the platform's
// budget. Its request id is the same in every run and every replica (AnswerId).
struct ActionCall {
  std::string rpc;
  std::unique_ptr<google::protobuf::Message> request;
  std::unique_ptr<google::protobuf::Message> response;  // To be filled in.
};

ActionCall MakeCall(const RuleSet& rules, const Decision::Act& act,
                    const v1::Event& event);

// Name of the RPC alone.
absl::string_view RpcOf(const v1::Action& action);

// Id of the part that the answered call has made; 0: it made none.
uint64_t PartOf(const ActionCall& call);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_ACTION_CALL_H_
