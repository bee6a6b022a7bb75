#ifndef CHATGATE_CLIENT_SUBSCRIPTION_H_
#define CHATGATE_CLIENT_SUBSCRIPTION_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chatgate/v1/chat_service.pb.h"
#include "client/backoff.h"
#include "client/chat_client.h"
#include "client/waiter.h"
#include "server/base/mutex.h"

namespace chatgate {

struct SubscriptionOptions {
  // Where to begin and what to deliver.
  v1::SubscribeRequest request = {};
  // The gateway speaks every 15 s: after three times that it is given up.
  absl::Duration silence_max = absl::Seconds(45);
  // Waits between a lost stream and the next one. They begin with `first` again
  // once a stream has brought something (events, a gap, a whole snapshot), or
  // has spoken when it was older than `max`: what accepts streams and then
  // fails must not be hammered.
  BackoffOptions backoff = {};
  // Told before each such wait why, and for how long; for logs. Runs in Next.
  std::function<void(const absl::Status& why, absl::Duration wait)> on_retry =
      {};
  // Outlives the subscription.
  Waiter* waiter = &Waiter::System();
};

// Subscription reads one stream of events and opens it again, from the last
// cursor, whenever it is lost: the connection breaks, the gateway stops or
// restarts, is silent for too long, or asks for it with a `reconnect`, whose
// delay then counts, up to the longest backoff. A snapshot that was cut off is
// begun anew: a first response of it replaces what came before. Nothing is
// missed and nothing comes twice (Resumable, Unique in docs/architecture.md).
//
//   auto events = Subscription::Start(*client, {.request = request});
//   absl::Status end = events->Run([&](const v1::SubscribeResponse& response) {
//     for (const v1::Event& event : response.events()) Process(event);
//     return SaveCursor(response.cursor());
//   });
//
// Ordering: seq only grows. A `gap` in a response says that events are gone for
// ever; the stream goes on after it. There is never more than one stream, and
// at most one response is read ahead of the caller. Threads: one calls Next or
// Run; Stop, cursor and the counters may be called from any. Errors: what
// cannot get better by itself ends the subscription (IsTerminal in
// client/status.h): a wrong token, filter or cursor. Everything else is retried
// for as long as it takes.
// Lifetime: the client outlives it. The destructor stops it.
class Subscription {
 public:
  // Opens no stream yet; the first Next does.
  static std::unique_ptr<Subscription> Start(ChatClient& client,
                                             SubscriptionOptions options);
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  // Blocks for the next response, which may be a heartbeat without events.
  // CANCELLED once stopped; a terminal error, again and again, once it came.
  absl::StatusOr<v1::SubscribeResponse> Next() ABSL_LOCKS_EXCLUDED(mu_);

  // Calls `handle` with each response until it fails or Next does, and returns
  // that error; OK once stopped.
  absl::Status Run(
      const std::function<absl::Status(const v1::SubscribeResponse&)>& handle);

  // Makes Next and Run return soon, now and ever after.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

  // The cursor of the last response that Next has returned.
  std::string cursor() const ABSL_LOCKS_EXCLUDED(mu_);
  // How often a stream was opened after the first.
  int64_t reconnects() const ABSL_LOCKS_EXCLUDED(mu_);
  // How many gaps Next has returned.
  int64_t gaps() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  class Stream;

  Subscription(ChatClient& client, SubscriptionOptions options);
  // The open stream, or a new one; null once stopped.
  std::shared_ptr<Stream> OpenStream() ABSL_LOCKS_EXCLUDED(mu_);
  void Accept(const v1::SubscribeResponse& response) ABSL_LOCKS_EXCLUDED(mu_);
  // True where `response` shows that the next stream may be tried soon.
  bool IsProgress(const v1::SubscribeResponse& response) const;
  // Why the stream has ended, which it has when this returns.
  absl::Status CloseStream(Stream& stream, bool silent)
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::Duration NextWait(const absl::Status& why);
  void WaitBeforeRetry(const absl::Status& why) ABSL_LOCKS_EXCLUDED(mu_);

  ChatClient& client_;  // Outlives this.
  const SubscriptionOptions options_;
  Backoff backoff_;        // Of the thread in Next.
  absl::Status terminal_;  // Of the thread in Next.
  // What the open stream has said of its end. Of the thread in Next.
  std::optional<v1::Reconnect> reconnect_;
  // When the last stream was opened. Of the thread in Next.
  std::chrono::steady_clock::time_point opened_;

  mutable Mutex mu_;
  CondVar stopped_changed_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::shared_ptr<Stream> stream_ ABSL_GUARDED_BY(mu_);
  v1::SubscribeRequest request_ ABSL_GUARDED_BY(mu_);  // Of the next stream.
  int64_t streams_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t gaps_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_SUBSCRIPTION_H_
