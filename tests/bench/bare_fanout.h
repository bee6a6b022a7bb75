#ifndef CHATGATE_TESTS_BENCH_BARE_FANOUT_H_
#define CHATGATE_TESTS_BENCH_BARE_FANOUT_H_

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/async_stream.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "tests/bench/bare_event.h"

namespace chatgate {

// BareFanout sends the same made-up events to all subscribers: runs of up to 64
// of them, each one shared slice that nobody copies. It makes a run whenever a
// subscriber has nothing left to send, so that it is never short of events.
//
// Threads: all on the completion queue's, but for Allow.
class BareFanout {
 public:
  class Subscriber;

  // Puts a call of a subscriber's into the service's hands.
  using Request = std::function<void(Subscriber& subscriber)>;

  // `event`: what follows `seq` in each event.
  BareFanout(std::string event, Request request);

  void Start(grpc::ServerCompletionQueue* queue);

  // Events up to `seq` may be made.
  void Allow(uint64_t seq);

 private:
  friend class Subscriber;

  struct Run {
    uint64_t first_seq;
    uint64_t last_seq;
    grpc::Slice slice;
  };
  class Wake final : public BareEvent {
   public:
    explicit Wake(BareFanout& fanout) : fanout_(fanout) {}
    void Proceed(bool ok) override;

   private:
    BareFanout& fanout_;
  };

  // Makes a run for those who have none, as far as it is allowed.
  void Pump();
  void MakeRun(uint64_t last_seq);
  // The run after `seq`, or null at the end.
  const Run* After(uint64_t seq) const;

  const std::string event_;
  const Request request_;
  grpc::ServerCompletionQueue* queue_ = nullptr;
  std::deque<Run> runs_;
  std::vector<Subscriber*> idle_;
  uint64_t head_ = 0;
  std::string bytes_;  // Of the run being made.

  std::atomic<uint64_t> allowed_ = 0;
  std::atomic<bool> woken_ = false;
  grpc::Alarm alarm_;
  Wake wake_;
};

// One stream: at most one write under way.
class BareFanout::Subscriber final : public BareEvent {
 public:
  explicit Subscriber(BareFanout& fanout)
      : fanout_(fanout), writer_(&context_) {}

  grpc::ServerContext& context() { return context_; }
  grpc::ByteBuffer& request() { return request_; }
  grpc::ServerAsyncWriter<grpc::ByteBuffer>& writer() { return writer_; }

  void Proceed(bool ok) override;

 private:
  friend class BareFanout;

  void Next();

  BareFanout& fanout_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  grpc::ServerAsyncWriter<grpc::ByteBuffer> writer_;
  bool started_ = false;
  uint64_t seq_ = 0;  // Last event that was sent.
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_BARE_FANOUT_H_
