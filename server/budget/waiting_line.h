#ifndef CHATGATE_SERVER_BUDGET_WAITING_LINE_H_
#define CHATGATE_SERVER_BUDGET_WAITING_LINE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "chatgate/v1/options.pb.h"

namespace chatgate {

// WaitingLine says which of the calls that wait goes next: by class, then
// fairly between the callers of the class by their weights, then by age.
//
//   WaitingLine line({{"billing", 2}});
//   line.Add(1, v1::BULK, "billing");
//   line.Next(/*replies_only=*/false);  // 1
//   line.Serve(1);
//
// Fairness:   each caller of a class has a pass, which grows by 1 / weight with
//             each call that is served; the least goes next. Who comes back
//             after a pause begins at the pass served last: nothing is saved
//             up, and what one does not use is the others'.
// Starvation: replies go before everything. Of the others, whenever
//             kTurnAfter went before a lower class that waits, the oldest of
//             the lower classes has a turn. EPHEMERAL has none: it is worth
//             nothing when late.
// Cost:       logarithmic in the calls, linear in the callers of a class.
// Threads:    one at a time.
class WaitingLine {
 public:
  using CallId = uint64_t;  // Later calls have higher ids.

  static constexpr int kTurnAfter = 8;
  static constexpr int kWeightMax = 1000;

  // Callers that are not named weigh 1.
  explicit WaitingLine(std::map<std::string, uint32_t> weights)
      : weights_(std::move(weights)) {}

  void Add(CallId id, v1::Priority priority, const std::string& caller);
  // Who goes next.
  std::optional<CallId> Next(bool replies_only) const;
  // Takes out who goes now, which is Next, and counts it.
  void Serve(CallId id);
  // Takes out who goes never, at no cost for its caller.
  void Remove(CallId id);

  // How many go before a call that would come now: at the fewest, as nobody
  // knows who else will come.
  int64_t AheadOfNew(v1::Priority priority, const std::string& caller) const;

  // Who goes last.
  std::optional<CallId> Last() const;

  bool IsReply(CallId id) const { return calls_.at(id).row == 0; }
  int64_t replies() const { return rows_[0].waiting; }
  bool empty() const { return calls_.empty(); }
  size_t size() const { return calls_.size(); }

  struct Count {
    v1::Priority priority;
    std::string caller;
    int64_t waiting;
  };
  std::vector<Count> Counts() const;

 private:
  static constexpr int kRows = 5;  // One a class.
  static constexpr int64_t kStride = 1'000'000;

  // What waits of one caller in one class.
  struct Queue {
    int64_t pass = 0;  // Of its first call.
    int64_t stride = kStride;
    std::set<CallId> ids;  // Oldest first.
  };
  struct Row {
    std::map<std::string, Queue> queues;  // Those of no call, too.
    int64_t served_pass = 0;
    int64_t waiting = 0;
  };
  struct Place {
    int row;
    std::string caller;
  };

  static int RowOf(v1::Priority priority);
  int64_t StrideOf(const std::string& caller) const;
  std::optional<CallId> FirstOf(const Row& row) const;
  std::optional<int> OwedRow(int above) const;
  int TopRow(bool replies_only) const;
  int64_t AheadOf(int row, const std::string& caller, int64_t pass) const;
  void Erase(CallId id);

  const std::map<std::string, uint32_t> weights_;
  std::array<Row, kRows> rows_;
  std::map<CallId, Place> calls_;
  int passed_over_ = 0;  // Calls that went before a lower class.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BUDGET_WAITING_LINE_H_
