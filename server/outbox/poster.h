#ifndef CHATGATE_SERVER_OUTBOX_POSTER_H_
#define CHATGATE_SERVER_OUTBOX_POSTER_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/outbox/webhook_url.h"

namespace chatgate {

// Posts a form. Threads: any, several at a time.
class Poster {
 public:
  virtual ~Poster() = default;

  // The HTTP status of the answer; redirects are not followed. Not OK: there
  // was none, and why. PERMISSION_DENIED: the host's addresses are not public
  // and `allow_private_address` is false. CANCELLED: Cancel was called.
  virtual absl::StatusOr<int> Post(const WebhookUrl& url,
                                   bool allow_private_address,
                                   absl::string_view form) = 0;

  // Ends what is under way, and all that comes later.
  virtual void Cancel() = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_OUTBOX_POSTER_H_
