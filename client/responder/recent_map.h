#ifndef CHATGATE_CLIENT_RESPONDER_RECENT_MAP_H_
#define CHATGATE_CLIENT_RESPONDER_RECENT_MAP_H_

#include <list>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/strings/string_view.h"

namespace chatgate {

// RecentMap keeps a value for each of the keys that were touched last, and
// forgets the others.
//
// Threads: one at a time.
template <typename Value>
class RecentMap {
 public:
  explicit RecentMap(size_t size_max) : size_max_(size_max) {}

  // Found or made, and made the last to be forgotten. Lasts until the next
  // Touch of another key.
  Value& Touch(absl::string_view key) {
    const auto found = by_key_.find(std::string(key));
    if (found != by_key_.end()) {
      order_.splice(order_.begin(), order_, found->second);
      return order_.front().second;
    }
    if (order_.size() >= size_max_) {
      by_key_.erase(order_.back().first);
      order_.pop_back();
    }
    order_.emplace_front(std::string(key), Value());
    by_key_[order_.front().first] = order_.begin();
    return order_.front().second;
  }

  // Null where the key is not known. Touches nothing.
  const Value* Find(absl::string_view key) const {
    const auto found = by_key_.find(std::string(key));
    return found == by_key_.end() ? nullptr : &found->second->second;
  }

  size_t size() const { return order_.size(); }

 private:
  using Order = std::list<std::pair<std::string, Value>>;

  const size_t size_max_;
  Order order_;  // Last touched first.
  std::unordered_map<std::string, typename Order::iterator> by_key_;
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_RECENT_MAP_H_
