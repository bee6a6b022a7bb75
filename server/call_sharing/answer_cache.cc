#include "server/call_sharing/answer_cache.h"

#include <algorithm>

namespace chatgate {
namespace {

// What an entry costs beside its texts: nodes of four containers.
constexpr size_t kEntryOverhead = 400;

std::pair<uint64_t, uint64_t> Pair(const Subject& subject) {
  return {subject.app_id, subject.conversation_id};
}

}  // namespace

absl::Duration Elapsed(const Moment& from, const Moment& to) {
  return std::max(to.of_day - from.of_day, to.steady - from.steady);
}

size_t AnswerCache::Cost(const std::string& key, const Answer& answer) {
  return 3 * key.size() + answer.bytes->size() + kEntryOverhead;
}

void AnswerCache::Put(const std::string& key, Subject subject, Answer answer) {
  const auto old = entries_.find(key);
  if (old != entries_.end()) Erase(old);
  const size_t cost = Cost(key, answer);
  if (cost > bytes_max_) return;
  while (bytes_ + cost > bytes_max_) Erase(entries_.find(by_use_.front()));
  by_use_.push_back(key);
  by_subject_.emplace(Pair(subject), key);
  entries_.emplace(key,
                   Entry{std::move(answer), subject, std::prev(by_use_.end())});
  bytes_ += cost;
}

const AnswerCache::Answer* AnswerCache::Find(const std::string& key,
                                             absl::Duration age_max,
                                             const Moment& now) {
  const auto found = entries_.find(key);
  if (found == entries_.end() ||
      Elapsed(found->second.answer.as_of, now) > age_max) {
    return nullptr;
  }
  by_use_.splice(by_use_.end(), by_use_, found->second.used);
  return &found->second.answer;
}

void AnswerCache::Erase(Entries::iterator entry) {
  bytes_ -= Cost(entry->first, entry->second.answer);
  by_use_.erase(entry->second.used);
  by_subject_.erase({Pair(entry->second.subject), entry->first});
  entries_.erase(entry);
}

void AnswerCache::DropConversation(Subject subject) {
  while (true) {
    const auto first = by_subject_.lower_bound({Pair(subject), ""});
    if (first == by_subject_.end() || first->first != Pair(subject)) return;
    Erase(entries_.find(first->second));
  }
}

void AnswerCache::DropApp(uint64_t app_id) {
  while (true) {
    const auto first = by_subject_.lower_bound({{app_id, 0}, ""});
    if (first == by_subject_.end() || first->first.first != app_id) return;
    Erase(entries_.find(first->second));
  }
}

}  // namespace chatgate
