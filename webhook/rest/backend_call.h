#ifndef CHATGATE_WEBHOOK_REST_BACKEND_CALL_H_
#define CHATGATE_WEBHOOK_REST_BACKEND_CALL_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "server/backend/backend.h"

namespace chatgate {

// A call that a thread waits for. The messages live until the backend is done
// with them, also when nobody waits any more.
class BackendCall {
 public:
  BackendCall(std::unique_ptr<google::protobuf::Message> request,
              std::unique_ptr<google::protobuf::Message> response);

  // Calls, once, and waits for the answer. DEADLINE_EXCEEDED: none came within
  // `patience`; whether the change happened is not known.
  absl::Status Run(Backend& backend, const CallContext& context,
                   absl::Duration patience);

  // After Run has returned OK.
  const google::protobuf::Message& response() const;

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_REST_BACKEND_CALL_H_
