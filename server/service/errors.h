#ifndef CHATGATE_SERVER_SERVICE_ERRORS_H_
#define CHATGATE_SERVER_SERVICE_ERRORS_H_

#include "absl/status/status.h"
#include "server/subscription/service_error.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace chatgate {

// The one place where a status of ours becomes gRPC's, with its details.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_ERRORS_H_
