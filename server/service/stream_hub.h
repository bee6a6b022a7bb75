#ifndef CHATGATE_SERVER_SERVICE_STREAM_HUB_H_
#define CHATGATE_SERVER_SERVICE_STREAM_HUB_H_

#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "absl/time/time.h"
#include "server/hub/hub.h"
#include "server/rpc/rpc_queue.h"

namespace chatgate {

// StreamHub is the hub of the streams of one queue: for all that sleep, one
// waiter at the gateway's hub, and one wake-up of the queue's thread, which
// then wakes them itself. So an event for a thousand streams crosses between
// threads once, and what a stream does needs no lock.
//
// Threads:  the queue's alone.
// Lifetime: every stream of the queue has ended before this does.
class StreamHub {
 public:
  // Who sleeps here, at most once at a time.
  class Sleeper {
   public:
    virtual ~Sleeper() = default;
    // May sleep again.
    virtual void OnWake(Hub::Wake wake) = 0;

   private:
    friend class StreamHub;
    uint64_t position_ = 0;
    int64_t deadline_ = 0;
    bool sleeps_ = false;
    // Where by_deadline_ has it; not moved when the deadline is, so that who
    // sleeps often costs it nothing.
    std::optional<int64_t> listed_;
  };

  // Both outlive this.
  StreamHub(Hub& hub, RpcQueue& queue) : hub_(hub), queue_(queue) {}

  // Wakes `sleeper` once, never from within Sleep: when the head is beyond
  // `position` (soon if it is), after `timeout`, or when the hub closes.
  void Sleep(Sleeper& sleeper, uint64_t position, absl::Duration timeout);

  // It is not woken any more. Before a sleeper ends, too.
  void Forget(Sleeper& sleeper);

 private:
  using Place = std::pair<uint64_t, Sleeper*>;
  using Deadline = std::pair<int64_t, Sleeper*>;

  // Waits at the gateway's hub for what comes first.
  void Arm();
  void Disarm();
  void OnHub(Hub::Wake wake);
  void WakeAll(Hub::Wake wake);
  void WakeDue();
  void WakeOne(Sleeper& sleeper, Hub::Wake wake);

  Hub& hub_;
  RpcQueue& queue_;
  std::set<Place> by_position_;
  std::set<Deadline> by_deadline_;

  // The waiter at the hub, which keeps the queue.
  struct Armed {
    Hub::Ticket ticket;
    uint64_t position;
    int64_t deadline;
  };
  std::optional<Armed> armed_;
  bool waking_ = false;  // Arms when all are woken.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_STREAM_HUB_H_
