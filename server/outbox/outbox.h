#ifndef CHATGATE_SERVER_OUTBOX_OUTBOX_H_
#define CHATGATE_SERVER_OUTBOX_OUTBOX_H_

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"
#include "server/event_log/event_log.h"
#include "server/outbox/delivery_queue.h"
#include "server/outbox/delivery_table.h"
#include "server/outbox/outbox_target.h"
#include "server/outbox/poster.h"
#include "server/outbox/webhook_operations.h"
#include "server/store/store.h"

namespace chatgate {

class SubmittedWorks;

struct OutboxOptions {
  int workers = 8;  // Posts at a time.
  DeliveryLimits limits;
  DeliveryQueueOptions queue;
};

// Outbox posts what happens on the embedded platform to the configured targets,
// in the form of Dashly's webhooks.
//
//   store = Store::Open(options, {..., delivery_table::OutboxSchema()});
//   ASSIGN_OR_RETURN(outbox, Outbox::Create(*store, *poster, clock, apps));
//   log->AddParticipant(*outbox);
//   outbox->Start();
//
// Durability: a delivery is written with its event, in one transaction, and
// goes
//             when it was answered 200. What was sent but not recorded when the
//             process died is sent again: receivers tell by the part's id.
// Ordering:   within a target and a conversation (or, for user events, a lead);
//             one that fails is repeated for 24 hours, and the next waits.
// Threads:    any; OnAppend on the store's writer thread, where it waits for
//             nobody.
// Lifetime:   Stop before the poster or the store goes, and after nothing is
//             appended any more.
class Outbox final : public AppendParticipant {
 public:
  // Makes the targets known in the tables. INVALID_ARGUMENT: a target of the
  // configuration is wrong; the message names the field.
  static absl::StatusOr<std::unique_ptr<Outbox>> Create(
      Store& store, Poster& poster, const Clock& clock,
      const std::vector<OutboxApp>& apps, const OutboxOptions& options = {});
  ~Outbox() override;

  absl::Status OnAppend(Transaction& transaction,
                        const v1::Event& event) override;

  WebhookOperations& operations() { return *operations_; }

  void Start() ABSL_LOCKS_EXCLUDED(mu_);
  // Cuts off the posts under way, which will be sent again.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

  // Looks at the clock again; for a clock that jumps.
  void WakeAll() { queue_.WakeAll(); }

 private:
  Outbox(Store& store, Poster& poster, const Clock& clock,
         std::vector<OutboxTarget> targets, const OutboxOptions& options);

  void Work();
  void Keep() ABSL_LOCKS_EXCLUDED(mu_);
  // Posts what the run has, and finishes it.
  void Deliver(const LaneRun& run);
  // `slowest`: see DeliveryQueue::Finish.
  DeliveryQueue::Answer PostRun(const LaneRun& run, absl::Duration* slowest);
  // Each writes down what came of an attempt.
  absl::Status RecordDelivered(const LaneRun& run, const Delivery& delivery,
                               SubmittedWorks& results);
  absl::Status RecordFailed(const LaneRun& run, const Delivery& delivery,
                            const absl::StatusOr<int>& status,
                            DeliveryQueue::Answer answer);
  absl::Status WritePatiently(const Store::Work& work) ABSL_LOCKS_EXCLUDED(mu_);
  void NoteDrop(const OutboxTarget& target);
  void NoteGivenUp(int64_t target_id, const std::string& why)
      ABSL_LOCKS_EXCLUDED(mu_);

  Store& store_;        // Outlives this.
  Poster& poster_;      // Outlives this.
  const Clock& clock_;  // Outlives this.
  const OutboxOptions options_;
  const std::vector<OutboxTarget> targets_;
  std::map<int64_t, const OutboxTarget*> by_id_;
  std::map<uint64_t, std::vector<const OutboxTarget*>> by_app_;
  DeliveryQueue queue_;
  std::unique_ptr<WebhookOperations> operations_;

  // Touched by the store's writer thread alone.
  absl::Time drop_noted_ = absl::InfinitePast();

  Mutex mu_;
  CondVar stopped_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  absl::Time given_up_noted_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();

  std::vector<std::thread> threads_;  // Touched by Start and Stop alone.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_OUTBOX_OUTBOX_H_
