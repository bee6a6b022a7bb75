#include "webhook/event_intake.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/countdown.h"
#include "server/base/log.h"
#include "server/base/mutex.h"
#include "webhook/byte_stream.h"

namespace chatgate {
namespace {

// Where the log's answer is waited for. Shared, because the log may answer
// after the one who waited has left.
class Mailbox {
 public:
  void Put(absl::StatusOr<Appended> result) ABSL_LOCKS_EXCLUDED(mu_) {
    {
      MutexLock lock(mu_);
      result_ = std::move(result);
    }
    // Without the lock, or who wakes would sleep again until it is free.
    arrived_.Signal();
  }

  absl::StatusOr<Appended> Await(absl::Duration time_max)
      ABSL_LOCKS_EXCLUDED(mu_) {
    const Countdown left(time_max);
    MutexLock lock(mu_);
    while (!result_) {
      if (left.IsOver()) {
        return absl::DeadlineExceededError("the log does not answer");
      }
      arrived_.WaitFor(mu_, left.Left());
    }
    return *std::move(result_);
  }

 private:
  Mutex mu_;
  CondVar arrived_;
  std::optional<absl::StatusOr<Appended>> result_ ABSL_GUARDED_BY(mu_);
};

HttpResponse Stored(absl::string_view result) {
  HttpResponse response;
  response.body = absl::StrCat("{\"result\": \"", result, "\"}\n");
  return response;
}

}  // namespace

HttpResponse EventIntake::Store(absl::string_view source,
                                absl::string_view hook, NewEvent event) const {
  const bool understood = !event.event.has_unrecognized();
  const absl::StatusOr<Appended> appended = Append(std::move(event));
  if (appended.ok()) {
    const absl::string_view result = appended->duplicate ? "duplicate"
                                     : understood        ? "stored"
                                                         : "unrecognized";
    counters_.Count(source, hook, result);
    return Stored(result);
  }
  LogWarning("webhook not stored", {{"source", source},
                                    {"hook", hook},
                                    {"reason", appended.status().ToString()}});
  if (absl::IsInvalidArgument(appended.status())) {
    counters_.Count(source, hook, "too_large");
    return ErrorResponse(413, "the event is too large");
  }
  counters_.Count(source, hook, "unavailable");
  HttpResponse response =
      ErrorResponse(503, "the event could not be stored; send it again");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

absl::StatusOr<Appended> EventIntake::Append(NewEvent event) const {
  auto mailbox = std::make_shared<Mailbox>();
  sink_.Append(std::move(event), [mailbox](absl::StatusOr<Appended> result) {
    mailbox->Put(std::move(result));
  });
  return mailbox->Await(store_time_max_);
}

}  // namespace chatgate
