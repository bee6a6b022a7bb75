#ifndef CHATGATE_SERVER_HUB_HUB_H_
#define CHATGATE_SERVER_HUB_HUB_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/time/time.h"

namespace chatgate {

// The hub knows who waits for what. It carries positions, not events: a waiter
// says "wake me when the head is beyond N", and then reads the log from its own
// position. So there is no queue for a subscriber, and a slow one costs nothing
// but its own lag.
//
//   hub->Wait(position, absl::Seconds(15), [](Hub::Wake wake) { ... });
//   log->OnHead([&](uint64_t head) { hub->SetHead(head); });
//
// Threads: any. Wake-ups run on the hub's own thread, one after another; they
//          must not block, and may call Wait, and Cancel for others.
class Hub {
 public:
  enum class Wake { kHead, kTimeout, kClosed };
  using Waiter = std::function<void(Wake)>;
  using Ticket = uint64_t;

  // Begins with the head at `head`.
  static std::unique_ptr<Hub> Create(uint64_t head);

  // Wakes every waiter with kClosed, and returns after the last of them.
  virtual ~Hub() = default;

  // The log's listener: moves the head and wakes those behind it. Never blocks;
  // a head that is no higher changes nothing.
  virtual void SetHead(uint64_t head) = 0;
  virtual uint64_t Head() const = 0;

  // Calls `waiter` once, never from within Wait: when the head is beyond
  // `position` (at once if it is), after `timeout`, or when the hub closes.
  virtual Ticket Wait(uint64_t position, absl::Duration timeout,
                      Waiter waiter) = 0;

  // After this returns, the waiter is not called and not running. True when it
  // was never called. Must not be called by the waiter itself.
  virtual bool Cancel(Ticket ticket) = 0;

  // Wakes every waiter, present and future, with kClosed. Does not wait for
  // them.
  virtual void Close() = 0;
  virtual bool closed() const = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_HUB_HUB_H_
