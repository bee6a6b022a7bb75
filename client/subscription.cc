#include "client/subscription.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "chatgate/v1/chat_service.grpc.pb.h"
#include "client/status.h"

namespace chatgate {

// One stream. It reads one response, and the next only once that was taken.
class Subscription::Stream final
    : public grpc::ClientReadReactor<v1::SubscribeResponse> {
 public:
  enum class Outcome { kResponse, kSilence, kEnded };

  Stream(const ChatClient& client, v1::SubscribeRequest request)
      : stub_(client.channel()), request_(std::move(request)) {
    client.Authorize(context_);
    stub_.async()->Subscribe(&context_, &request_, this);
    AddHold();  // Reads are started from the caller's thread too.
    StartRead(&response_);
    StartCall();
  }

  // Waits for a response, at most `silence_max`. Of one thread at a time.
  Outcome Await(absl::Duration silence_max, Waiter& waiter,
                v1::SubscribeResponse* response) ABSL_LOCKS_EXCLUDED(mu_) {
    {
      MutexLock lock(mu_);
      while (state_ == State::kReading) {
        const bool woken =
            waiter.Wait(Waiter::Reason::kSilence, silence_max, changed_, mu_);
        if (!woken && state_ == State::kReading) return Outcome::kSilence;
      }
      if (state_ == State::kEnded) return Outcome::kEnded;
      state_ = State::kReading;
    }
    response->Swap(&response_);
    response_.Clear();
    StartRead(&response_);
    return Outcome::kResponse;
  }

  void Cancel() { context_.TryCancel(); }

  // Waits until gRPC has let go of the stream. Once, by the thread of Await.
  grpc::Status Finish() ABSL_LOCKS_EXCLUDED(mu_) {
    RemoveHold();
    MutexLock lock(mu_);
    while (!done_) changed_.Wait(mu_);
    return status_;
  }

  void OnReadDone(bool ok) override ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    state_ = ok ? State::kRead : State::kEnded;
    changed_.SignalAll();
  }
  void OnDone(const grpc::Status& status) override ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    status_ = status;
    done_ = true;
    changed_.SignalAll();
  }

 private:
  enum class State {
    kReading,  // gRPC owns response_.
    kRead,     // The caller may take response_.
    kEnded,    // Nothing more will come.
  };

  v1::ChatService::Stub stub_;
  const v1::SubscribeRequest request_;
  grpc::ClientContext context_;
  v1::SubscribeResponse response_;  // See State.

  Mutex mu_;
  CondVar changed_;
  State state_ ABSL_GUARDED_BY(mu_) = State::kReading;
  bool done_ ABSL_GUARDED_BY(mu_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mu_);
};

std::unique_ptr<Subscription> Subscription::Start(ChatClient& client,
                                                  SubscriptionOptions options) {
  return std::unique_ptr<Subscription>(
      new Subscription(client, std::move(options)));
}

Subscription::Subscription(ChatClient& client, SubscriptionOptions options)
    : client_(client),
      options_(std::move(options)),
      backoff_(options_.backoff),
      request_(options_.request) {}

Subscription::~Subscription() {
  Stop();
  std::shared_ptr<Stream> stream;
  {
    MutexLock lock(mu_);
    stream = std::move(stream_);
  }
  if (stream != nullptr) stream->Finish();
}

absl::StatusOr<v1::SubscribeResponse> Subscription::Next() {
  while (terminal_.ok()) {
    const std::shared_ptr<Stream> stream = OpenStream();
    if (stream == nullptr) return absl::CancelledError("stopped");
    v1::SubscribeResponse response;
    const Stream::Outcome outcome =
        stream->Await(options_.silence_max, *options_.waiter, &response);
    if (outcome == Stream::Outcome::kResponse) {
      Accept(response);
      return response;
    }
    const absl::Status why =
        CloseStream(*stream, outcome == Stream::Outcome::kSilence);
    if (IsTerminal(why)) {
      terminal_ = why;
    } else {
      WaitBeforeRetry(why);
    }
  }
  return terminal_;
}

absl::Status Subscription::Run(
    const std::function<absl::Status(const v1::SubscribeResponse&)>& handle) {
  while (true) {
    const absl::StatusOr<v1::SubscribeResponse> response = Next();
    if (absl::IsCancelled(response.status())) return absl::OkStatus();
    if (!response.ok()) return response.status();
    if (absl::Status handled = handle(*response); !handled.ok()) return handled;
  }
}

void Subscription::Stop() {
  std::shared_ptr<Stream> stream;
  {
    MutexLock lock(mu_);
    stopped_ = true;
    stopped_changed_.SignalAll();
    stream = stream_;
  }
  if (stream != nullptr) stream->Cancel();
}

std::shared_ptr<Subscription::Stream> Subscription::OpenStream() {
  v1::SubscribeRequest request;
  {
    MutexLock lock(mu_);
    if (stopped_) return nullptr;
    if (stream_ != nullptr) return stream_;
    request = request_;
    ++streams_;
  }
  opened_ = options_.waiter->Now();
  auto stream = std::make_shared<Stream>(client_, std::move(request));
  bool stopped;
  {
    MutexLock lock(mu_);
    stream_ = stream;
    stopped = stopped_;
  }
  // Stop may have come before there was a stream to cancel.
  if (stopped) stream->Cancel();
  return stream;
}

// A heartbeat is none: a gateway that can do no more would be asked five times
// a second by each of its clients. Nor is a piece of a snapshot, which is begun
// anew.
bool Subscription::IsProgress(const v1::SubscribeResponse& response) const {
  return response.events_size() > 0 || response.has_gap() ||
         response.snapshot().done() ||
         absl::FromChrono(options_.waiter->Now() - opened_) >=
             options_.backoff.max;
}

void Subscription::Accept(const v1::SubscribeResponse& response) {
  if (IsProgress(response)) backoff_.Reset();
  reconnect_.reset();
  if (response.has_reconnect()) reconnect_ = response.reconnect();
  MutexLock lock(mu_);
  if (response.has_gap()) ++gaps_;
  if (response.cursor().empty()) return;
  // Of half a snapshot nothing can go on: the next stream begins it anew.
  if (request_.snapshot() && !response.snapshot().done()) return;
  request_.clear_snapshot();
  request_.set_cursor(response.cursor());
  request_.clear_start();
  request_.clear_start_time();
}

absl::Status Subscription::CloseStream(Stream& stream, bool silent) {
  if (silent) stream.Cancel();
  const grpc::Status status = stream.Finish();
  MutexLock lock(mu_);
  stream_ = nullptr;  // The caller still holds it.
  if (silent) {
    return absl::UnavailableError(
        absl::StrCat("the gateway was silent for ",
                     absl::FormatDuration(options_.silence_max)));
  }
  if (status.ok()) {
    return absl::UnavailableError(
        reconnect_.has_value() ? absl::StrCat("the gateway asks to reconnect: ",
                                              reconnect_->reason())
                               : "the gateway has ended the stream");
  }
  return FromGrpc(status);
}

// How long to wait after a stream that was lost, or that the gateway ended as
// it had said: then it has chosen the wait.
absl::Duration Subscription::NextWait(const absl::Status& why) {
  if (!reconnect_.has_value()) {
    return std::max(backoff_.Next(),
                    RetryDelay(why).value_or(absl::ZeroDuration()));
  }
  const absl::Duration asked = absl::Seconds(reconnect_->delay().seconds()) +
                               absl::Nanoseconds(reconnect_->delay().nanos());
  reconnect_.reset();
  // Not even one that asks for no wait is hammered.
  const absl::Duration least =
      std::min(options_.backoff.first / 2, options_.backoff.max);
  return std::clamp(asked, least, options_.backoff.max);
}

void Subscription::WaitBeforeRetry(const absl::Status& why) {
  const absl::Duration wait = NextWait(why);
  {
    MutexLock lock(mu_);
    if (stopped_) return;
  }
  if (options_.on_retry) options_.on_retry(why, wait);
  MutexLock lock(mu_);
  if (stopped_) return;
  options_.waiter->Wait(Waiter::Reason::kBackoff, wait, stopped_changed_, mu_);
}

std::string Subscription::cursor() const {
  MutexLock lock(mu_);
  return request_.cursor();
}

int64_t Subscription::reconnects() const {
  MutexLock lock(mu_);
  return std::max<int64_t>(0, streams_ - 1);
}

int64_t Subscription::gaps() const {
  MutexLock lock(mu_);
  return gaps_;
}

}  // namespace chatgate
