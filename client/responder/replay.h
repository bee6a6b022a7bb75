#ifndef CHATGATE_CLIENT_RESPONDER_REPLAY_H_
#define CHATGATE_CLIENT_RESPONDER_REPLAY_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/chat_client.h"
#include "client/responder/rule_set.h"

namespace chatgate {

// A piece of history.
struct ReplayRange {
  // Where to begin: `earliest`, a time such as 2026-01-31T12:00:00Z, or a
  // cursor.
  std::string from;
  // Events received before it; the infinite future: up to the log's head.
  absl::Time to = absl::InfiniteFuture();
};

// Reads `FROM..TO`, where TO is a time or `latest`. INVALID_ARGUMENT: it is
// not.
absl::StatusOr<ReplayRange> ParseReplayRange(const std::string& text);

// Runs history through rules as the responder would have, and sends nothing.
// `write` gets lines for people: without `against` one for each act; with it,
// for each message that the two rule files treat differently, what only `rules`
// (`-`) and only `against` (`+`) would do; at the end what each would have
// cost. Events older than the gateway keeps are not there; a gap is told.
absl::Status Replay(ChatClient& client, const ReplayRange& range,
                    const RuleSet& rules, const RuleSet* against,
                    const std::function<void(const std::string&)>& write);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_REPLAY_H_
