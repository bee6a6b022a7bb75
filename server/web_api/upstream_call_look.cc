// What an UpstreamCall does about a lost answer.
#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"
#include "server/web_api/upstream_call.h"

namespace chatgate {
namespace {

using google::protobuf::Message;

constexpr absl::Duration kRetryDelay = absl::Seconds(1);

}  // namespace

void UpstreamCall::WaitForEffect() {
  const Gate::Pass pass(world_->gate);
  if (!pass) return End(MakeError("STOPPING", "the gateway is stopping"), {});
  world_->rooms.timer.RunAt(
      world_->rooms.clock.Now() + world_->options.settle,
      [self = shared_from_this()] { self->LookForEffect(); });
}

void UpstreamCall::LookForEffect() {
  LostSend lost;
  lost.request = request_.get();
  lost.random_id_is_unique = noted_.random_id != 0;
  lost.claimed = [world = world_](uint64_t id) {
    return world->claimed.Contains(id);
  };
  {
    MutexLock lock(mu_);
    lost.sent_at = [world = world_, sent = sent_] {
      return sent.There(world->platform_clock);
    };
  }
  lost_ = LostAnswer::For(lost);
  Judge();
}

// Asks what is left to ask, and decides.
void UpstreamCall::Judge() {
  if (std::unique_ptr<Message> echo = Echo()) return EndDone(std::move(echo));
  if (lost_ == nullptr) {
    return EndAmbiguous("and leaves nothing to look for", kRetryDelay);
  }
  if (const std::unique_ptr<Message> read = lost_->NextRead()) {
    return Look(*read);
  }
  if (lost_->verdict() == LostAnswer::Verdict::kFound) {
    std::unique_ptr<Message> response(lost_->response().New());
    response->CopyFrom(lost_->response());
    return EndDone(std::move(response));
  }
  if (lost_->verdict() == LostAnswer::Verdict::kUnclear) {
    return EndAmbiguous("and it is not clear whether it was done",
                        std::max(look_delay_, kRetryDelay));
  }
  absl::Duration left;
  {
    MutexLock lock(mu_);
    left = world_->options.late_effect_max - sent_.Ago(world_->platform_clock);
  }
  if (may_be_late_ && left > absl::ZeroDuration()) {
    return EndAmbiguous("and it may still be done", left);
  }
  if (is_repeat_) {
    is_repeat_ = false;
    lost_.reset();
    return Send();
  }
  const absl::Status failed = WithRetryDelay(
      MakeError("UNAVAILABLE",
                "the platform's answer was lost, and the change was not done"),
      kRetryDelay);
  if (!is_noted_) return End(failed, nullptr);
  world_->memory.NoteAbsent(
      noted_.key, [self = shared_from_this(), failed](const absl::Status&) {
        self->End(failed, nullptr);
      });
}

void UpstreamCall::Look(const Message& read) {
  look_ = &world_->methods.at(read.GetDescriptor());
  Sending sending;
  sending.method = look_;
  absl::StatusOr<RestCall> call =
      WriteRequest(*look_, read, world_->options.app_id);
  if (!call.ok()) return EndAmbiguous(call.status().message(), kRetryDelay);
  sending.call = *std::move(call);
  sending.ask = Ask(method_);
  sending.resend_is_safe = true;
  sending.before_send = [self = shared_from_this()](const auto& go) {
    go(self->IsAnswered() ? MakeError("CANCELLED", "the call was given up")
                          : absl::OkStatus());
  };
  world_->sender.Send(std::move(sending),
                      [self = shared_from_this()](SendResult result) {
                        self->TakeLook(std::move(result));
                      });
}

void UpstreamCall::TakeLook(SendResult result) {
  Count(result);
  look_delay_ = RetryDelay(result.status);
  lost_->Take(result.status, result.response.get());
  Judge();
}

void UpstreamCall::EndAmbiguous(absl::string_view why,
                                absl::Duration retry_delay) {
  End(WithRetryDelay(
          MakeError("AMBIGUOUS",
                    absl::StrCat("the platform's answer was lost, ", why)),
          retry_delay),
      nullptr);
}

}  // namespace chatgate
