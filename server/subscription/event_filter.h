#ifndef CHATGATE_SERVER_SUBSCRIPTION_EVENT_FILTER_H_
#define CHATGATE_SERVER_SUBSCRIPTION_EVENT_FILTER_H_

#include <cstdint>
#include <set>
#include <string>
#include <unordered_set>

#include "absl/status/statusor.h"
#include "server/event_log/event_record.h"
#include "server/subscription/authenticator.h"

namespace chatgate {

// EventFilter is a v1::EventFilter together with what its caller may see,
// checked and compiled once, asked for every event.
//
// Threads: immutable, so any.
class EventFilter {
 public:
  // INVALID_ARGUMENT:  a list is too long or names what does not exist.
  // PERMISSION_DENIED: an app that the caller may not see.
  static absl::StatusOr<EventFilter> Compile(
      const v1::EventFilter& filter, const Caller& caller,
      const std::set<uint64_t>& known_apps);

  bool Matches(const EventTraits& traits) const;

  // Whether there is nothing that it keeps back.
  bool MatchesEverything() const;

  // What a snapshot asks: kinds, directions and types are of events alone.
  bool MatchesConversation(const std::string& conversation,
                           const std::string& user_id) const;
  // Empty: every app.
  const std::set<uint64_t>& app_ids() const { return app_ids_; }

 private:
  // An empty set lets everything through.
  std::set<v1::EventKind> kinds_;
  std::unordered_set<std::string> conversations_;
  std::unordered_set<std::string> user_ids_;
  std::set<std::string> directions_;
  std::set<std::string> part_types_;
  std::set<uint64_t> app_ids_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SUBSCRIPTION_EVENT_FILTER_H_
