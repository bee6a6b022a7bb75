// How an UpstreamCall ends.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/web_api/upstream_call.h"

namespace chatgate {

void UpstreamCall::EndDone(std::unique_ptr<Message> response) {
  world_->claimed.AddMadeBy(*response);
  if (noted_.key.request_id.empty()) {
    return End(absl::OkStatus(), response.get());
  }
  std::string bytes = response->SerializeAsString();
  // The change is done, also where that cannot be written down: then a
  // repetition looks for it.
  world_->memory.KeepAnswer(
      noted_, std::move(bytes),
      [self = shared_from_this(), response = std::shared_ptr<Message>(std::move(
                                      response))](const absl::Status&) {
        self->End(absl::OkStatus(), response.get());
      });
}

void UpstreamCall::EndFailed(const absl::Status& status) {
  if (!is_noted_) return End(status, nullptr);
  world_->memory.Forget(
      noted_.key, [self = shared_from_this(), status](const absl::Status&) {
        self->End(status, nullptr);
      });
}

void UpstreamCall::End(const absl::Status& status, const Message* response) {
  watch_.reset();
  std::vector<std::shared_ptr<UpstreamCall>> waiting;
  if (!noted_.key.request_id.empty()) {
    // Before the answer: whoever repeats the call afterwards looks again.
    waiting = world_->running.End({noted_.key.method, noted_.key.request_id});
  }
  Answer(status, response);
  for (const std::shared_ptr<UpstreamCall>& call : waiting) {
    // A failed call is not remembered: the next one has its turn.
    if (status.ok()) {
      call->Answer(status, response);
    } else {
      call->Start();
    }
  }
}

bool UpstreamCall::Answer(absl::Status status, const Message* response) {
  Backend::Done done;
  {
    MutexLock lock(mu_);
    if (response_ == nullptr) return false;
    if (status.ok() && response != nullptr) response_->CopyFrom(*response);
    response_ = nullptr;
    if (report_.cost > 0) report_.served_from = "upstream";
    if (context_.report != nullptr) *context_.report = report_;
    done = std::move(done_);
  }
  done(std::move(status));
  return true;
}

}  // namespace chatgate
