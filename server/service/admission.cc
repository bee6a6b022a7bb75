#include "server/service/admission.h"

#include <grpcpp/server_context.h>

#include <iterator>

#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"
#include "server/rpc/rpc_service.h"
#include "server/service/errors.h"

namespace chatgate {

absl::StatusOr<const Caller*> AuthenticateCall(
    const Authenticator& authenticator,
    const grpc::ServerContextBase& context) {
  const auto [begin, end] =
      context.client_metadata().equal_range("authorization");
  // Of two headers nobody could say which one counts.
  if (begin == end || std::next(begin) != end) {
    return ServiceError(
        Reason::kUnauthenticated,
        "send `authorization: Bearer TOKEN`, as metadata or header");
  }
  return authenticator.Authenticate(
      absl::string_view(begin->second.data(), begin->second.size()));
}

void RefuseUnreadableCalls(const Authenticator& authenticator,
                           RpcService* service) {
  service->OnUnreadable([&authenticator](const grpc::ServerContext& context,
                                         const std::string& why) {
    const absl::StatusOr<const Caller*> caller =
        AuthenticateCall(authenticator, context);
    return ToGrpcStatus(caller.ok() ? MakeError("BadRequest", why)
                                    : caller.status());
  });
}

absl::StatusOr<uint64_t> ChooseApp(const Caller& caller, uint64_t app_id,
                                   const std::map<uint64_t, Backend*>& backends,
                                   absl::string_view where) {
  if (app_id != 0) {
    // One answer for both, so that nobody learns which apps there are.
    if (caller.MayUse(app_id) && backends.contains(app_id)) return app_id;
    return ServiceError(
        Reason::kAppNotAllowed,
        absl::StrCat("the app is not the caller's, or none of ", where));
  }
  uint64_t only = 0;
  for (const auto& [id, backend] : backends) {
    if (!caller.MayUse(id)) continue;
    if (only != 0) {
      return FieldError("APP_REQUIRED", "app_id",
                        "the caller may use several apps: set `app_id`");
    }
    only = id;
  }
  if (only != 0) return only;
  return ServiceError(Reason::kAppNotAllowed,
                      absl::StrCat("the caller may use no app of ", where));
}

}  // namespace chatgate
