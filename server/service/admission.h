#ifndef CHATGATE_SERVER_SERVICE_ADMISSION_H_
#define CHATGATE_SERVER_SERVICE_ADMISSION_H_

#include <cstdint>
#include <map>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/backend/backend.h"
#include "server/subscription/authenticator.h"

namespace grpc {
class ServerContextBase;
}  // namespace grpc

namespace chatgate {
class RpcService;
}  // namespace chatgate

// Who may make a call, and on which app: the same for every service.
namespace chatgate {

// The caller that the metadata `authorization` of a call proves. Lives as long
// as `authenticator`.
// UNAUTHENTICATED: it is missing, stands twice, or proves nobody.
absl::StatusOr<const Caller*> AuthenticateCall(
    const Authenticator& authenticator, const grpc::ServerContextBase& context);

// Answers calls whose bytes are no request: UNAUTHENTICATED, as every call is
// without a token, or INVALID_ARGUMENT, `BadRequest`. Both outlive the calls.
void RefuseUnreadableCalls(const Authenticator& authenticator,
                           RpcService* service);

// The app that a call is about: `app_id`, or for 0 the only one of `backends`
// that the caller may use. `where` says what `backends` are of, such as `this
// gateway`.
// PERMISSION_DENIED:  not the caller's, or none of these.
// INVALID_ARGUMENT:   the caller may use several, and names none.
absl::StatusOr<uint64_t> ChooseApp(const Caller& caller, uint64_t app_id,
                                   const std::map<uint64_t, Backend*>& backends,
                                   absl::string_view where);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_ADMISSION_H_
