#ifndef CHATGATE_SERVER_OUTBOX_DELIVERY_TABLE_H_
#define CHATGATE_SERVER_OUTBOX_DELIVERY_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/outbox/webhook_form.h"
#include "server/store/database.h"
#include "server/store/store.h"

namespace chatgate {

// How much the tables may hold, and for how long.
struct DeliveryLimits {
  int64_t pending_max = 1'000'000;       // Of one target.
  int64_t bytes_max = int64_t{4} << 30;  // Of one target's bodies.
  int64_t failed_max = 100'000;          // Of one target.
  absl::Duration give_up_after = absl::Hours(24);
  absl::Duration keep = absl::Hours(30 * 24);  // Whatever the state.
};

// One delivery to be tried.
struct Delivery {
  int64_t id = 0;
  int64_t attempts = 0;  // So far.
  absl::Time since;      // When it began to wait.
  std::string body;
};

// The deliveries of one lane that are next, oldest first.
struct LaneRun {
  int64_t target_id = 0;
  std::string lane;
  std::vector<Delivery> deliveries;
};

// The outbox's tables. A delivery belongs to a target and a lane; a lane has a
// row while something of it waits, and that says when its first is due.
// Counters of a target change together with its deliveries.
//
// Threads: those of the store; each function belongs into one of its works or
//          readings.
namespace delivery_table {

enum State : int64_t { kPending = 1, kFailed = 2 };

Schema OutboxSchema();

// The id of the target with this digest of its URL, which is added when new.
// Its silence goes on from `now`: what has passed since its last attempt nobody
// listened.
absl::StatusOr<int64_t> UpsertTarget(Transaction& transaction, uint64_t app_id,
                                     absl::string_view url_digest,
                                     absl::string_view redacted_url,
                                     absl::Time now);

// Puts a webhook at the end of its lane. False: there was no room, and it was
// counted as dropped.
absl::StatusOr<bool> Add(Transaction& transaction, int64_t target_id,
                         const WebhookForm& form, absl::Time now,
                         const DeliveryLimits& limits);

// The run of the lane of the target that is due longest, `busy` ones left out:
// at most `deliveries_max`, and no more than one once `bytes_max` is reached.
// Nothing where none is due: then `next_due` says when one will be.
struct Due {
  std::optional<LaneRun> run;
  absl::Time next_due = absl::InfiniteFuture();
};
absl::StatusOr<Due> FindDue(Connection& connection, int64_t target_id,
                            absl::Time now, const std::set<std::string>& busy,
                            size_t deliveries_max, size_t bytes_max);

// The delivery was answered 200. Nothing happens where it is gone.
absl::Status RecordDelivered(Transaction& transaction, int64_t target_id,
                             const std::string& lane, int64_t id,
                             absl::Time now);

struct FailedAttempt {
  int64_t target_id = 0;
  std::string lane;
  int64_t id = 0;
  std::string error;
  absl::Time now;
  absl::Time next_attempt;  // Unless it is given up.
  bool answered = false;    // By the target, if not with 200.
  bool permanent = false;   // It would be answered the same again: given up.
  bool silent = false;      // The target has given no answer for some time.
};
// Returns how many were given up: the delivery where it has waited too long
// or its failure is permanent,
// and, where the target has been silent for that long, others of its that have
// too.
absl::StatusOr<int> RecordFailed(Transaction& transaction,
                                 const FailedAttempt& attempt,
                                 const DeliveryLimits& limits);

// Deletes up to a thousand deliveries that are older than `limits.keep`. True:
// there may be more.
absl::StatusOr<bool> DeleteOld(Transaction& transaction, absl::Time now,
                               const DeliveryLimits& limits);

// Lets a failed delivery wait again. False: it is not failed, or goes to none
// of these targets. RESOURCE_EXHAUSTED: its target has no room.
absl::StatusOr<bool> Resend(Transaction& transaction, int64_t id,
                            const std::set<int64_t>& target_ids, absl::Time now,
                            const DeliveryLimits& limits);

// The oldest failed deliveries of a target.
absl::StatusOr<std::vector<int64_t>> FindFailed(Connection& connection,
                                                int64_t target_id,
                                                size_t deliveries_max);

}  // namespace delivery_table
}  // namespace chatgate

#endif  // CHATGATE_SERVER_OUTBOX_DELIVERY_TABLE_H_
