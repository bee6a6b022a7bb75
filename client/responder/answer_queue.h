#ifndef CHATGATE_CLIENT_RESPONDER_ANSWER_QUEUE_H_
#define CHATGATE_CLIENT_RESPONDER_ANSWER_QUEUE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chatgate/v1/events.pb.h"
#include "client/backoff.h"
#include "client/responder/decider.h"
#include "client/responder/rule_set.h"
#include "client/waiter.h"
#include "server/base/mutex.h"

namespace chatgate {

// An event, and how far its answers are.
struct AnswerJob {
  v1::Event event = {};
  // An operator's message: what waits before it needs no answer any more.
  bool answers_earlier = false;
  bool is_answered = false;  // By such a message.
  // Unset: to be decided when its turn comes.
  std::optional<std::vector<Decision::Act>> acts = {};
  std::shared_ptr<const RuleSet> rules = {};  // That `acts` are of.
  size_t acts_done = 0;
  // Of the act that is next.
  std::optional<Backoff> backoff = {};
  int failures = 0;
  int odd_failures = 0;
};

struct AnswerQueueOptions {
  // Conversations that are worked on at once. At most half of them, but one at
  // least, are such as were put off before.
  int in_flight_max = 8;
  // What may wait while WaitUntilFree returns.
  size_t jobs_max = 1'000;
  size_t bytes_max = size_t{16} << 20;
  Waiter* waiter = &Waiter::System();  // Outlives the queue.
};

// AnswerQueue works on events: those of a conversation one after another, those
// of different ones side by side. A conversation whose work is put off holds up
// no other. And it knows how far a reader of the stream may say to have come.
//
//   queue.Add(jobs_of_the_response, response.cursor());
//   RETURN_IF_ERROR(queue.WaitUntilFree());
//   Save(queue.DoneCursor());
//
// Threads: Add, WaitUntilFree and Finish are one thread's, the others any's.
//          Work runs on the queue's own threads.
class AnswerQueue {
 public:
  // Nothing: done with the job. A duration: to be called again after that. An
  // error ends the queue; the job is not done.
  using Outcome = absl::StatusOr<std::optional<absl::Duration>>;
  using Work = std::function<Outcome(AnswerJob&)>;
  using Conversation = std::pair<uint64_t, uint64_t>;  // App, id.

  AnswerQueue(AnswerQueueOptions options, Work work);
  ~AnswerQueue() { Finish(); }

  static Conversation ConversationOf(const v1::Event& event);

  // True: something of the conversation waits or is under way, so that more of
  // it has to be added.
  bool Has(const Conversation& conversation) const ABSL_LOCKS_EXCLUDED(mu_);

  // What is to be done about one response of the stream, in its order.
  void Add(std::vector<AnswerJob> jobs, std::string cursor)
      ABSL_LOCKS_EXCLUDED(mu_);

  // Waits until every conversation is done with or put off, and no more waits
  // than may. CANCELLED: stopped; else an error of the work.
  absl::Status WaitUntilFree() ABSL_LOCKS_EXCLUDED(mu_);

  // The cursor of the last response that is done with, and all before it are.
  // Empty: there is none yet.
  std::string DoneCursor() const ABSL_LOCKS_EXCLUDED(mu_);

  // Events that are not done with.
  size_t jobs() const ABSL_LOCKS_EXCLUDED(mu_);

  // Begins nothing more.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);
  bool stopped() const ABSL_LOCKS_EXCLUDED(mu_);
  // Stops, and waits for what is under way.
  void Finish() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Entry {
    AnswerJob job;
    uint64_t response;
    size_t bytes;
  };
  // What is to be done in one conversation.
  struct Lane {
    std::deque<Entry> entries;
    bool is_running = false;
    bool is_put_off = false;   // The first of them was, at least once.
    bool is_answered = false;  // As of the job, for the one that is running.
  };
  struct Response {
    std::string cursor;
    size_t unfinished = 0;
  };

  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  // The conversation that is next, once there is one; nothing once stopped.
  std::optional<Conversation> Take() ABSL_LOCKS_EXCLUDED(mu_);
  std::optional<Conversation> TakeReady() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Waits for what was put off; one thread does.
  void KeepTime() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Return(const Conversation& conversation, const Outcome& outcome)
      ABSL_LOCKS_EXCLUDED(mu_);
  void FinishFirst(const Conversation& conversation, Lane& lane)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void FinishOneOf(uint64_t response) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const AnswerQueueOptions options_;
  const Work work_;
  std::vector<std::thread> threads_;

  mutable Mutex mu_;
  CondVar changed_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status error_ ABSL_GUARDED_BY(mu_);
  std::map<Conversation, Lane> lanes_ ABSL_GUARDED_BY(mu_);
  // Lanes that nobody works on: those of first attempts, those whose time has
  // come again, and those whose time is to come.
  std::deque<Conversation> fresh_ ABSL_GUARDED_BY(mu_);
  std::deque<Conversation> again_ ABSL_GUARDED_BY(mu_);
  std::multimap<TimePoint, Conversation> put_off_ ABSL_GUARDED_BY(mu_);
  size_t fresh_running_ ABSL_GUARDED_BY(mu_) = 0;
  int again_running_ ABSL_GUARDED_BY(mu_) = 0;
  bool is_agains_turn_ ABSL_GUARDED_BY(mu_) = false;
  bool is_time_kept_ ABSL_GUARDED_BY(mu_) = false;
  size_t jobs_ ABSL_GUARDED_BY(mu_) = 0;
  size_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
  // Those that are not done with, by their number.
  std::map<uint64_t, Response> responses_ ABSL_GUARDED_BY(mu_);
  uint64_t next_response_ ABSL_GUARDED_BY(mu_) = 0;
  std::string done_cursor_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_ANSWER_QUEUE_H_
