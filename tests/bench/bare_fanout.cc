#include "tests/bench/bare_fanout.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace chatgate {
namespace {

constexpr uint64_t kRunEvents = 64;
constexpr uint64_t kEventsKept = 4096;  // More than the client lets wait.

void AppendVarint(uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) {
    out.push_back(static_cast<char>(value | 0x80));
  }
  out.push_back(static_cast<char>(value));
}

}  // namespace

BareFanout::BareFanout(std::string event, Request request)
    : event_(std::move(event)), request_(std::move(request)), wake_(*this) {}

void BareFanout::Start(grpc::ServerCompletionQueue* queue) {
  queue_ = queue;
  request_(*new Subscriber(*this));
}

void BareFanout::Allow(uint64_t seq) {
  allowed_ = seq;
  if (!woken_.exchange(true)) {
    alarm_.Set(queue_, std::chrono::system_clock::now(), &wake_);
  }
}

void BareFanout::Wake::Proceed(bool /*ok*/) {
  fanout_.woken_ = false;
  fanout_.Pump();
}

void BareFanout::Pump() {
  const uint64_t allowed = allowed_;
  while (head_ < allowed && !idle_.empty()) {
    MakeRun(std::min(allowed, head_ + kRunEvents));
    std::vector<Subscriber*> ready;
    ready.swap(idle_);
    for (Subscriber* subscriber : ready) subscriber->Next();
  }
}

void BareFanout::MakeRun(uint64_t last_seq) {
  const uint64_t first_seq = head_ + 1;
  bytes_.clear();
  std::string seq;
  while (head_ < last_seq) {
    seq.clear();
    AppendVarint(++head_, seq);
    bytes_.push_back('\x0a');  // `events`, with its length.
    AppendVarint(1 + seq.size() + event_.size(), bytes_);
    bytes_.push_back('\x08');  // `seq`.
    bytes_ += seq;
    bytes_ += event_;
  }
  runs_.push_back({first_seq, last_seq, grpc::Slice(bytes_)});
  while (runs_.front().last_seq + kEventsKept < head_) runs_.pop_front();
}

const BareFanout::Run* BareFanout::After(uint64_t seq) const {
  const auto run = std::lower_bound(
      runs_.begin(), runs_.end(), seq + 1,
      [](const Run& run, uint64_t wanted) { return run.last_seq < wanted; });
  return run == runs_.end() ? nullptr : &*run;
}

void BareFanout::Subscriber::Proceed(bool ok) {
  if (!started_) {
    if (!ok) {  // The server ends.
      delete this;
      return;
    }
    started_ = true;
    fanout_.request_(*new Subscriber(fanout_));
    seq_ = fanout_.head_;
    // An empty response says that the stream has begun.
    const grpc::Slice nothing("");
    writer_.Write(grpc::ByteBuffer(&nothing, 1), this);
    return;
  }
  if (!ok) {  // The client is gone.
    delete this;
    return;
  }
  Next();
  fanout_.Pump();
}

void BareFanout::Subscriber::Next() {
  const Run* run = fanout_.After(seq_);
  if (run == nullptr) {
    fanout_.idle_.push_back(this);
    return;
  }
  seq_ = run->last_seq;
  writer_.Write(grpc::ByteBuffer(&run->slice, 1), this);
}

}  // namespace chatgate
