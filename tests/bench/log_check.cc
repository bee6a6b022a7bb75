#include "tests/bench/log_check.h"

#include <grpcpp/grpcpp.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "tests/bench/stream_load.h"
#include "tests/integration/gateway.h"

namespace chatgate {

absl::StatusOr<uint64_t> HeadOf(const std::string& grpc_address) {
  const std::unique_ptr<v1::ChatService::Stub> stub = v1::ChatService::NewStub(
      grpc::CreateChannel(grpc_address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  Gateway::Authorize(&context);
  v1::ListEventsRequest request;
  request.set_descending(true);
  request.set_page_size(1);
  v1::ListEventsResponse response;
  const grpc::Status status = stub->ListEvents(&context, request, &response);
  if (!status.ok()) {
    return absl::UnavailableError(
        absl::StrCat("ListEvents was refused: ", status.error_message()));
  }
  return response.events().empty() ? 0 : response.events(0).seq();
}

absl::Status CheckLog(const std::string& grpc_address, uint64_t last) {
  ASSIGN_OR_RETURN(const uint64_t head, HeadOf(grpc_address));
  if (head != last) {
    return absl::DataLossError(absl::StrCat(
        last, " events were made, the last one of the log is ", head));
  }
  StreamLoad reader(grpc_address, kCallerToken, 1);
  RETURN_IF_ERROR(reader.Open(v1::START_EARLIEST));
  return reader.ReadUpTo(last);
}

}  // namespace chatgate
