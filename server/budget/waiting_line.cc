#include "server/budget/waiting_line.h"

#include <algorithm>

namespace chatgate {
namespace {

constexpr int kReplyRow = 0;
constexpr int kEphemeralRow = 4;

}  // namespace

// Whatever has no class of its own goes with the other changes.
int WaitingLine::RowOf(v1::Priority priority) {
  if (priority < v1::REPLY || priority > v1::EPHEMERAL) priority = v1::MUTATION;
  return priority - v1::REPLY;
}

int64_t WaitingLine::StrideOf(const std::string& caller) const {
  const auto found = weights_.find(caller);
  const int64_t weight = found == weights_.end() ? 1 : found->second;
  return kStride / std::clamp<int64_t>(weight, 1, kWeightMax);
}

void WaitingLine::Add(CallId id, v1::Priority priority,
                      const std::string& caller) {
  const int index = RowOf(priority);
  Row& row = rows_[index];
  Queue& queue = row.queues[caller];
  if (queue.ids.empty()) {
    queue.stride = StrideOf(caller);
    queue.pass = std::max(queue.pass, row.served_pass);
  }
  queue.ids.insert(id);
  ++row.waiting;
  calls_.emplace(id, Place{index, caller});
}

std::optional<WaitingLine::CallId> WaitingLine::FirstOf(const Row& row) const {
  const Queue* first = nullptr;
  for (const auto& [caller, queue] : row.queues) {
    if (queue.ids.empty()) continue;
    if (first == nullptr || queue.pass < first->pass ||
        (queue.pass == first->pass &&
         *queue.ids.begin() < *first->ids.begin())) {
      first = &queue;
    }
  }
  if (first == nullptr) return std::nullopt;
  return *first->ids.begin();
}

// The lower class whose first call is the oldest.
std::optional<int> WaitingLine::OwedRow(int above) const {
  std::optional<int> owed;
  CallId oldest = 0;
  for (int index = above + 1; index < kEphemeralRow; ++index) {
    const std::optional<CallId> first = FirstOf(rows_[index]);
    if (first.has_value() && (!owed.has_value() || *first < oldest)) {
      owed = index;
      oldest = *first;
    }
  }
  return owed;
}

int WaitingLine::TopRow(bool replies_only) const {
  for (int index = 0; index < (replies_only ? 1 : kRows); ++index) {
    if (rows_[index].waiting > 0) return index;
  }
  return kRows;
}

std::optional<WaitingLine::CallId> WaitingLine::Next(bool replies_only) const {
  const int top = TopRow(replies_only);
  if (top == kRows) return std::nullopt;
  if (top != kReplyRow && passed_over_ >= kTurnAfter) {
    if (const std::optional<int> owed = OwedRow(top)) {
      return FirstOf(rows_[*owed]);
    }
  }
  return FirstOf(rows_[top]);
}

void WaitingLine::Serve(CallId id) {
  const Place& place = calls_.at(id);
  const int index = place.row;
  Row& row = rows_[index];
  Queue& queue = row.queues.at(place.caller);
  row.served_pass = std::max(row.served_pass, queue.pass);
  queue.pass += queue.stride;
  if (index != kReplyRow) {
    if (TopRow(false) < index && index < kEphemeralRow) {
      passed_over_ = 0;  // It was a turn.
    } else {
      passed_over_ = OwedRow(index).has_value() ? passed_over_ + 1 : 0;
    }
  }
  Erase(id);
}

void WaitingLine::Remove(CallId id) { Erase(id); }

void WaitingLine::Erase(CallId id) {
  const auto found = calls_.find(id);
  Row& row = rows_[found->second.row];
  row.queues.at(found->second.caller).ids.erase(id);
  calls_.erase(found);
  if (--row.waiting > 0) return;
  // Nobody waits any more: what was is forgotten, and so are its callers.
  row.queues.clear();
  row.served_pass = 0;
}

int64_t WaitingLine::AheadOfNew(v1::Priority priority,
                                const std::string& caller) const {
  const int index = RowOf(priority);
  const Row& row = rows_[index];
  int64_t pass = row.served_pass;
  const auto found = row.queues.find(caller);
  if (found != row.queues.end()) {
    const Queue& queue = found->second;
    pass = std::max(queue.pass, pass) +
           static_cast<int64_t>(queue.ids.size()) * queue.stride;
  }
  return AheadOf(index, caller, pass);
}

int64_t WaitingLine::AheadOf(int index, const std::string& caller,
                             int64_t pass) const {
  int64_t own = 0;
  for (const auto& [name, queue] : rows_[index].queues) {
    const auto waiting = static_cast<int64_t>(queue.ids.size());
    if (waiting == 0 || queue.pass > pass) continue;
    // Calls with a lower pass, and the one with the same: it is older.
    const int64_t before =
        (pass - queue.pass) / queue.stride + (name == caller ? 0 : 1);
    own += std::min(before, waiting);
  }
  const int64_t replies = index == kReplyRow ? 0 : rows_[kReplyRow].waiting;
  int64_t higher = 0;
  for (int other = kReplyRow + 1; other < index; ++other) {
    higher += rows_[other].waiting;
  }
  if (index != kEphemeralRow) {
    // No more of them than turns let go before.
    higher = std::min(
        higher, std::max<int64_t>(0, (own + 1) * kTurnAfter - passed_over_));
  }
  return own + replies + higher;
}

std::optional<WaitingLine::CallId> WaitingLine::Last() const {
  for (int index = kRows - 1; index >= 0; --index) {
    const Row& row = rows_[index];
    if (row.waiting == 0) continue;
    int64_t last_pass = -1;
    CallId last = 0;
    for (const auto& [caller, queue] : row.queues) {
      if (queue.ids.empty()) continue;
      const int64_t pass =
          queue.pass +
          (static_cast<int64_t>(queue.ids.size()) - 1) * queue.stride;
      const CallId id = *queue.ids.rbegin();
      if (pass > last_pass || (pass == last_pass && id > last)) {
        last_pass = pass;
        last = id;
      }
    }
    return last;
  }
  return std::nullopt;
}

std::vector<WaitingLine::Count> WaitingLine::Counts() const {
  std::vector<Count> counts;
  for (int index = 0; index < kRows; ++index) {
    for (const auto& [caller, queue] : rows_[index].queues) {
      if (queue.ids.empty()) continue;
      counts.push_back({static_cast<v1::Priority>(index + v1::REPLY), caller,
                        static_cast<int64_t>(queue.ids.size())});
    }
  }
  return counts;
}

}  // namespace chatgate
