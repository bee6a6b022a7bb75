#include "webhook/rest/backend_call.h"

#include <optional>
#include <utility>

#include "server/backend/error_table.h"
#include "server/base/countdown.h"
#include "server/base/mutex.h"

namespace chatgate {

using google::protobuf::Message;

struct BackendCall::State {
  std::unique_ptr<Message> request;
  std::unique_ptr<Message> response;

  Mutex mu;
  CondVar answered;
  std::optional<absl::Status> status ABSL_GUARDED_BY(mu);
};

BackendCall::BackendCall(std::unique_ptr<Message> request,
                         std::unique_ptr<Message> response)
    : state_(std::make_shared<State>()) {
  state_->request = std::move(request);
  state_->response = std::move(response);
}

absl::Status BackendCall::Run(Backend& backend, const CallContext& context,
                              absl::Duration patience) {
  backend.Call(context, *state_->request, state_->response.get(),
               [state = state_](absl::Status status) {
                 MutexLock lock(state->mu);
                 state->status = std::move(status);
                 state->answered.SignalAll();
               });
  const Countdown left(patience);
  MutexLock lock(state_->mu);
  while (!state_->status.has_value()) {
    if (left.IsOver()) {
      return MakeError("DEADLINE_EXCEEDED",
                       "the platform did not answer in time");
    }
    state_->answered.WaitFor(state_->mu, left.Left());
  }
  return *state_->status;
}

const Message& BackendCall::response() const { return *state_->response; }

}  // namespace chatgate
