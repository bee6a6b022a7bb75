#ifndef CHATGATE_SERVER_BUDGET_BUDGET_H_
#define CHATGATE_SERVER_BUDGET_BUDGET_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chatgate/v1/options.pb.h"

namespace chatgate {

// What a request asks its budget for.
struct BudgetAsk {
  v1::Priority priority = v1::MUTATION;
  std::string caller;  // Shares are fair between callers.
  std::string method;  // For the record of what was spent.
  absl::Time deadline = absl::InfiniteFuture();
};

// The right to send one request. It counts from the moment it is granted until
// 60 seconds after the answer, so no window of 60 seconds at the platform can
// hold more requests than the budget allows, however long each was on its way.
// Where no answer came it counts for longer: see Lost.
//
// Exactly one of the methods says how it ended; a slot that is destroyed
// without a word counts as answered then. Threads: one at a time.
class BudgetSlot {
 public:
  virtual ~BudgetSlot() = default;

  // The answer, of whatever kind: the platform has counted the request.
  virtual void Answered() = 0;
  // A request may have been sent, and no answer came: a timeout, a connection
  // that broke. The platform may count it as late as the longest a request may
  // take (request_timeout_ms) from now.
  virtual void Lost() = 0;
  // The platform answered 429. `retry_after`: what it said, if it did.
  virtual void TooMany(std::optional<absl::Duration> retry_after) = 0;
  // Not one byte of the request was sent: the slot is free at once.
  virtual void NotSent() = 0;

  // How long it was waited for.
  virtual absl::Duration queued() const = 0;
};

// Budget says who may send a request to the platform, and when.
//
//   budget.Acquire({v1::REPLY, "billing", "ReplyToConversation", deadline},
//                  [](absl::StatusOr<std::unique_ptr<BudgetSlot>> slot) {...});
//
// Threads: any. Acquire never blocks, and a call that waits holds no thread.
//          `granted` is called exactly once, from another thread; it must not
//          block.
// Errors:  RESOURCE_EXHAUSTED, with a retry delay and a quota failure: the call
//          could not start before its deadline, or too many wait. Nothing was
//          spent. UNAVAILABLE: the budget is closing, or cannot write down what
//          is sent.
class Budget {
 public:
  using Granted =
      std::function<void(absl::StatusOr<std::unique_ptr<BudgetSlot>>)>;

  virtual ~Budget() = default;
  virtual void Acquire(BudgetAsk ask, Granted granted) = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BUDGET_BUDGET_H_
