#ifndef CHATGATE_SERVER_CALL_SHARING_ANSWER_CACHE_H_
#define CHATGATE_SERVER_CALL_SHARING_ANSWER_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/time/time.h"

namespace chatgate {

// What an answer is about: one conversation of an app, or (0) more than one.
struct Subject {
  uint64_t app_id = 0;
  uint64_t conversation_id = 0;
};

// A moment by two clocks: the time of day, and one that nobody sets, but that
// may stand still while a virtual machine does.
struct Moment {
  absl::Time of_day;
  absl::Time steady;
};

// What has passed between the two: by the clock that says more.
absl::Duration Elapsed(const Moment& from, const Moment& to);

// AnswerCache keeps answers of reads, serialised, and when each was true. Where
// they are more than `bytes_max` together, those that were not used for longest
// go.
//
// Threads: one at a time.
class AnswerCache {
 public:
  struct Answer {
    std::shared_ptr<const std::string> bytes;
    Moment as_of;
  };

  explicit AnswerCache(size_t bytes_max) : bytes_max_(bytes_max) {}

  // Replaces the answer of the key.
  void Put(const std::string& key, Subject subject, Answer answer);
  // The answer, if it is at most so old; nullptr otherwise. Valid until the
  // next call.
  const Answer* Find(const std::string& key, absl::Duration age_max,
                     const Moment& now);

  // Forgets what is about the conversation.
  void DropConversation(Subject subject);
  // Forgets what is about more than one conversation of the app.
  void DropLists(uint64_t app_id) { DropConversation({app_id, 0}); }
  void DropApp(uint64_t app_id);

  size_t bytes() const { return bytes_; }

 private:
  // (app, conversation, key).
  using Place = std::pair<std::pair<uint64_t, uint64_t>, std::string>;
  struct Entry {
    Answer answer;
    Subject subject;
    std::list<std::string>::iterator used;
  };
  using Entries = std::unordered_map<std::string, Entry>;

  static size_t Cost(const std::string& key, const Answer& answer);
  void Erase(Entries::iterator entry);

  const size_t bytes_max_;
  size_t bytes_ = 0;
  Entries entries_;
  std::list<std::string> by_use_;  // Keys, longest unused first.
  std::set<Place> by_subject_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_CALL_SHARING_ANSWER_CACHE_H_
