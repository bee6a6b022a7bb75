#ifndef CHATGATE_SERVER_SERVICE_BUDGET_WATCH_H_
#define CHATGATE_SERVER_SERVICE_BUDGET_WATCH_H_

#include <atomic>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chatgate/v1/operations.pb.h"
#include "grpcpp/alarm.h"
#include "server/base/mutex.h"
#include "server/rpc/server_stream.h"

namespace chatgate {

// One WatchBudget: writes the budget now, and again whenever it has changed, at
// most once in `interval`. One write is under way at most, so a client that
// does not read costs nothing more.
//
// Threads:  the queue's, and gRPC's own for the alarm; none waits.
// Lifetime: deletes itself when the call is over.
class BudgetWatch final : public ServerStream::Listener {
 public:
  using Look = std::function<absl::Status(v1::Budget*)>;

  static constexpr absl::Duration kIntervalDefault = absl::Seconds(1);
  static constexpr absl::Duration kIntervalMin = absl::Milliseconds(100);
  static constexpr absl::Duration kIntervalMax = absl::Minutes(1);

  // `watches` counts those that are open; it outlives the call, as `look` does.
  static void Start(ServerStream& stream, Look look, int64_t interval_ms,
                    std::atomic<int>& watches);

 private:
  BudgetWatch(ServerStream& stream, Look look, absl::Duration interval,
              std::atomic<int>& watches)
      : stream_(stream),
        look_(std::move(look)),
        interval_(interval),
        watches_(watches) {}

  void LookAgain();
  void Rest() ABSL_LOCKS_EXCLUDED(mu_);
  void OnWriteDone(bool ok) override;
  void OnCancel() override ABSL_LOCKS_EXCLUDED(mu_);
  void OnDone() override;

  ServerStream& stream_;
  const Look look_;
  const absl::Duration interval_;
  std::atomic<int>& watches_;
  std::string written_;

  Mutex mu_;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  bool resting_ ABSL_GUARDED_BY(mu_) = false;
  grpc::Alarm alarm_;  // Set while resting.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_BUDGET_WATCH_H_
