#include "client/responder/answer_queue.h"

#include <algorithm>
#include <iterator>

namespace chatgate {
namespace {

// What was begun is done to its end.
void MarkAnswered(AnswerJob& job) { job.is_answered = job.acts_done == 0; }

}  // namespace

AnswerQueue::AnswerQueue(AnswerQueueOptions options, Work work)
    : options_(options), work_(std::move(work)) {
  for (int i = 0; i < std::max(options_.in_flight_max, 1); ++i) {
    threads_.emplace_back([this] { Run(); });
  }
}

AnswerQueue::Conversation AnswerQueue::ConversationOf(const v1::Event& event) {
  return {event.app_id(),
          event.dashly_conversation().conversation().conversation()};
}

bool AnswerQueue::Has(const Conversation& conversation) const {
  MutexLock lock(mu_);
  return lanes_.count(conversation) > 0;
}

void AnswerQueue::Add(std::vector<AnswerJob> jobs, std::string cursor) {
  MutexLock lock(mu_);
  const uint64_t response = next_response_++;
  // One for this function itself: a response may be without a job.
  responses_[response] = {std::move(cursor), jobs.size() + 1};
  for (AnswerJob& job : jobs) {
    const Conversation conversation = ConversationOf(job.event);
    const auto [place, is_new] = lanes_.try_emplace(conversation);
    Lane& lane = place->second;
    if (job.answers_earlier) {
      lane.is_answered = lane.is_running;
      for (size_t i = lane.is_running ? 1 : 0; i < lane.entries.size(); ++i) {
        MarkAnswered(lane.entries[i].job);
      }
    }
    const size_t bytes = job.event.ByteSizeLong();
    ++jobs_;
    bytes_ += bytes;
    lane.entries.push_back({std::move(job), response, bytes});
    if (is_new) fresh_.push_back(conversation);
  }
  FinishOneOf(response);
  changed_.SignalAll();
}

absl::Status AnswerQueue::WaitUntilFree() {
  MutexLock lock(mu_);
  while (!stopped_ &&
         (!fresh_.empty() || fresh_running_ > 0 || jobs_ > options_.jobs_max ||
          bytes_ > options_.bytes_max)) {
    changed_.Wait(mu_);
  }
  if (!error_.ok()) return error_;
  return stopped_ ? absl::CancelledError("stopped") : absl::OkStatus();
}

std::string AnswerQueue::DoneCursor() const {
  MutexLock lock(mu_);
  return done_cursor_;
}

size_t AnswerQueue::jobs() const {
  MutexLock lock(mu_);
  return jobs_;
}

void AnswerQueue::Stop() {
  MutexLock lock(mu_);
  stopped_ = true;
  changed_.SignalAll();
}

bool AnswerQueue::stopped() const {
  MutexLock lock(mu_);
  return stopped_;
}

void AnswerQueue::Finish() {
  Stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void AnswerQueue::Run() {
  while (const std::optional<Conversation> conversation = Take()) {
    AnswerJob* job = nullptr;
    {
      // Stays where it is while others are added behind it.
      MutexLock lock(mu_);
      job = &lanes_.at(*conversation).entries.front().job;
    }
    Return(*conversation, work_(*job));
  }
}

std::optional<AnswerQueue::Conversation> AnswerQueue::Take() {
  MutexLock lock(mu_);
  while (!stopped_) {
    if (std::optional<Conversation> ready = TakeReady()) return ready;
    if (put_off_.empty() || is_time_kept_) {
      changed_.Wait(mu_);
    } else {
      KeepTime();
    }
  }
  return std::nullopt;
}

std::optional<AnswerQueue::Conversation> AnswerQueue::TakeReady() {
  const bool may_be_again =
      !again_.empty() &&
      again_running_ < std::max(options_.in_flight_max / 2, 1);
  if (!may_be_again && fresh_.empty()) return std::nullopt;
  // They take turns.
  const bool is_again = may_be_again && (is_agains_turn_ || fresh_.empty());
  is_agains_turn_ = !is_again;
  std::deque<Conversation>& from = is_again ? again_ : fresh_;
  const Conversation conversation = from.front();
  from.pop_front();
  lanes_.at(conversation).is_running = true;
  if (is_again) {
    ++again_running_;
  } else {
    ++fresh_running_;
  }
  return conversation;
}

void AnswerQueue::KeepTime() {
  is_time_kept_ = true;
  const auto first = put_off_.begin();
  const TimePoint due = first->first;
  const bool was_woken = options_.waiter->Wait(
      Waiter::Reason::kBackoff, absl::FromChrono(due - options_.waiter->Now()),
      changed_, mu_);
  is_time_kept_ = false;
  // Nobody else takes from there.
  if (!was_woken || options_.waiter->Now() >= due) {
    again_.push_back(first->second);
    put_off_.erase(first);
  }
  // Another one may have to keep the time now.
  changed_.SignalAll();
}

void AnswerQueue::Return(const Conversation& conversation,
                         const Outcome& outcome) {
  MutexLock lock(mu_);
  Lane& lane = lanes_.at(conversation);
  lane.is_running = false;
  if (lane.is_answered) MarkAnswered(lane.entries.front().job);
  lane.is_answered = false;
  if (lane.is_put_off) {
    --again_running_;
  } else {
    --fresh_running_;
  }
  if (!outcome.ok()) {
    if (!stopped_) error_ = outcome.status();
    stopped_ = true;
  } else if (outcome->has_value()) {
    lane.is_put_off = true;
    put_off_.emplace(
        options_.waiter->Now() + absl::ToChronoNanoseconds(**outcome),
        conversation);
  } else {
    FinishFirst(conversation, lane);
  }
  changed_.SignalAll();
}

void AnswerQueue::FinishFirst(const Conversation& conversation, Lane& lane) {
  const Entry& first = lane.entries.front();
  --jobs_;
  bytes_ -= first.bytes;
  FinishOneOf(first.response);
  lane.entries.pop_front();
  lane.is_put_off = false;
  if (lane.entries.empty()) {
    lanes_.erase(conversation);
  } else {
    fresh_.push_front(conversation);
  }
}

void AnswerQueue::FinishOneOf(uint64_t response) {
  const auto place = responses_.find(response);
  if (--place->second.unfinished > 0) return;
  // Whoever is done with what came before is done with this, too.
  std::string& before = place == responses_.begin()
                            ? done_cursor_
                            : std::prev(place)->second.cursor;
  before = std::move(place->second.cursor);
  responses_.erase(place);
}

}  // namespace chatgate
