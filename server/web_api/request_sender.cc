#include "server/web_api/request_sender.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"
#include "server/rest_codec/envelope_reader.h"

namespace chatgate {
namespace {

using google::protobuf::Message;
using google::protobuf::MessageFactory;

constexpr absl::Duration kRetryDelay = absl::Seconds(1);
constexpr int kTooManyRequests = 429;
constexpr int kUnauthorized = 401;
// A proxy says so; the platform behind it may still be at work.
constexpr int kBadGateway = 502;
constexpr int kGatewayTimeout = 504;

absl::Status Unreachable(const absl::Status& why) {
  return WithRetryDelay(
      MakeError("UNAVAILABLE",
                absl::StrCat("the platform does not answer: ", why.message())),
      kRetryDelay);
}

absl::Status Stopping() {
  return WithRetryDelay(MakeError("STOPPING", "the gateway is stopping"),
                        kRetryDelay);
}

// Whether an answer with this status leaves open what the platform did.
bool IsOpen(int http_status, const absl::Status& status) {
  if (status.ok() || (http_status >= 400 && http_status < 500)) return false;
  switch (status.code()) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kDataLoss:
      return true;
    default:
      return false;
  }
}

}  // namespace

// One call on its way. Each step leads to the next, or to End.
class RequestSender::Attempts
    : public std::enable_shared_from_this<RequestSender::Attempts> {
 public:
  Attempts(RequestSender& sender, Sending sending, Done done)
      : sender_(sender), sending_(std::move(sending)), done_(std::move(done)) {}

  void Next() {
    if (absl::Status open = sender_.breaker_.Check(); !open.ok()) {
      return End(std::move(open), SendResult::kNone);
    }
    const Gate::Pass pass(sender_.gate_);
    if (!pass) return End(Stopping(), SendResult::kNone);
    sender_.budget_.Acquire(
        sending_.ask, [self = shared_from_this()](
                          absl::StatusOr<std::unique_ptr<BudgetSlot>> slot) {
          self->Granted(std::move(slot));
        });
  }

 private:
  void Granted(absl::StatusOr<std::unique_ptr<BudgetSlot>> slot) {
    if (!slot.ok()) return End(slot.status(), SendResult::kNone);
    slot_ = *std::move(slot);
    result_.queued += slot_->queued();
    if (!sending_.before_send) return Transmit(absl::OkStatus());
    sending_.before_send([self = shared_from_this()](absl::Status ready) {
      self->Transmit(std::move(ready));
    });
  }

  void Transmit(absl::Status ready) {
    const Gate::Pass pass(sender_.gate_);
    if (!pass) ready = Stopping();
    if (ready.ok()) ready = sender_.breaker_.Admit();
    if (!ready.ok()) {
      slot_->NotSent();
      return End(std::move(ready), SendResult::kNone);
    }
    ++attempts_;
    // What was sent is not given up with its caller, unless it is sent again
    // anyway: its answer is worth knowing.
    absl::Time deadline = sender_.clock_.Now() + sender_.options_.request_max;
    is_hurried_ = sending_.resend_is_safe && sending_.ask.deadline < deadline;
    if (is_hurried_) deadline = sending_.ask.deadline;
    sender_.transport_.Send(
        {sending_.call, deadline},
        [self = shared_from_this()](const TransportAnswer& answer) {
          self->Take(answer);
        });
  }

  void Take(const TransportAnswer& answer) {
    if (answer.status.ok()) return TakeAnswer(answer);
    if (!answer.maybe_sent) return TakeNotSent(answer.status);
    ++result_.cost;
    slot_->Lost();
    slot_.reset();
    // A connection that has ended is no proof that the platform has.
    result_.may_be_late = true;
    if (absl::IsCancelled(answer.status)) {
      sender_.breaker_.NotSent();
      return End(Stopping(), SendResult::kUnknown);
    }
    if (is_hurried_ && absl::IsDeadlineExceeded(answer.status)) {
      // A caller's haste says nothing of the platform.
      sender_.breaker_.NotSent();
    } else {
      sender_.breaker_.Failed();
    }
    TryAgainOrEnd(sending_.resend_is_safe, Unreachable(answer.status),
                  SendResult::kUnknown);
  }

  void TakeNotSent(const absl::Status& why) {
    slot_->NotSent();
    slot_.reset();
    if (absl::IsCancelled(why)) {
      sender_.breaker_.NotSent();
      return End(Stopping(), SendResult::kNone);
    }
    if (absl::IsUnavailable(why)) {
      sender_.breaker_.Failed();
    } else {
      sender_.breaker_.NotSent();
    }
    TryAgainOrEnd(/*may=*/true, Unreachable(why), SendResult::kNone);
  }

  void TakeAnswer(const TransportAnswer& answer) {
    if (answer.date.has_value()) {
      sender_.platform_clock_.Hear(*answer.date);
    }
    std::unique_ptr<Message> response(
        MessageFactory::generated_factory()
            ->GetPrototype(sending_.method->method().descriptor->output_type())
            ->New());
    absl::Status status = ReadEnvelope(*sending_.method, answer.http_status,
                                       answer.body, response.get());
    if (answer.http_status == kTooManyRequests ||
        ErrorName(status) == "TooManyRequests") {
      return TakeTooMany(std::move(status), answer.retry_after);
    }
    Spent();
    if (answer.http_status == kUnauthorized ||
        absl::IsUnauthenticated(status)) {
      sender_.breaker_.KeyRefused();
      return End(std::move(status), SendResult::kNone);
    }
    if (IsOpen(answer.http_status, status)) {
      sender_.breaker_.Failed();
      result_.may_be_late = answer.http_status == kBadGateway ||
                            answer.http_status == kGatewayTimeout;
      return TryAgainOrEnd(sending_.resend_is_safe, std::move(status),
                           SendResult::kUnknown);
    }
    sender_.breaker_.Succeeded();
    const SendResult::Effect effect =
        status.ok() ? SendResult::kDone : SendResult::kNone;
    if (status.ok()) result_.response = std::move(response);
    End(std::move(status), effect);
  }

  // The budget knows when the next may be sent.
  void TakeTooMany(absl::Status status,
                   std::optional<absl::Duration> retry_after) {
    ++result_.cost;
    slot_->TooMany(retry_after);
    slot_.reset();
    sender_.breaker_.Succeeded();
    if (++too_many_ <= sender_.options_.too_many_max) return Next();
    End(WithRetryDelay(std::move(status), retry_after.value_or(kRetryDelay)),
        SendResult::kNone);
  }

  void Spent() {
    ++result_.cost;
    slot_->Answered();
    slot_.reset();
  }

  void TryAgainOrEnd(bool may, absl::Status status, SendResult::Effect effect) {
    const absl::Time again =
        sender_.clock_.Now() + sender_.options_.backoff_min *
                                   (1 << std::min(attempts_ - 1, 10)) *
                                   absl::Uniform(absl::BitGen(), 0.5, 1.0);
    if (!may || attempts_ >= sender_.options_.attempts_max ||
        again >= sending_.ask.deadline) {
      return End(std::move(status), effect);
    }
    const Gate::Pass pass(sender_.gate_);
    if (!pass) return End(std::move(status), effect);
    sender_.timer_.RunAt(again, [self = shared_from_this()] { self->Next(); });
  }

  void End(absl::Status status, SendResult::Effect effect) {
    result_.status = std::move(status);
    result_.effect = effect;
    slot_.reset();
    done_(std::move(result_));
  }

  RequestSender& sender_;
  const Sending sending_;
  const Done done_;
  std::unique_ptr<BudgetSlot> slot_;
  bool is_hurried_ = false;  // The last attempt, by the caller's deadline.
  int attempts_ = 0;
  int too_many_ = 0;
  SendResult result_;
};

void RequestSender::Send(Sending sending, Done done) {
  std::make_shared<Attempts>(*this, std::move(sending), std::move(done))
      ->Next();
}

}  // namespace chatgate
