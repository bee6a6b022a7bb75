#include "server/service/errors.h"

#include <string>

#include "grpcpp/support/status.h"
#include "server/backend/error_table.h"

namespace chatgate {

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  // Abseil's codes are gRPC's, number by number.
  return grpc::Status(static_cast<grpc::StatusCode>(status.raw_code()),
                      std::string(status.message()), StatusDetailsBin(status));
}

}  // namespace chatgate
