#include "client/status.h"

#include <grpcpp/support/status.h>

#include <algorithm>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "chatgate_wire/rpc_status.pb.h"
#include "client/printable.h"

namespace chatgate {
namespace {

constexpr absl::string_view kErrorInfo =
    "type.googleapis.com/google.rpc.ErrorInfo";
constexpr absl::string_view kBadRequest =
    "type.googleapis.com/google.rpc.BadRequest";
constexpr absl::string_view kRetryInfo =
    "type.googleapis.com/google.rpc.RetryInfo";

template <typename Detail>
std::optional<Detail> ReadDetail(const absl::Status& status,
                                 absl::string_view type_url) {
  const auto payload = status.GetPayload(type_url);
  Detail detail;
  if (!payload.has_value() || !detail.ParseFromString(std::string(*payload))) {
    return std::nullopt;
  }
  return detail;
}

}  // namespace

absl::Status FromGrpc(const grpc::Status& status) {
  // The two sets of codes have the same numbers; absl maps strangers to
  // UNKNOWN.
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  if (code == absl::StatusCode::kOk) return absl::OkStatus();
  absl::Status result(code, status.error_message());
  wire::Status details;
  if (!details.ParseFromString(status.error_details())) return result;
  for (const google::protobuf::Any& detail : details.details()) {
    result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return result;
}

std::string ErrorReason(const absl::Status& status) {
  auto info = ReadDetail<wire::ErrorInfo>(status, kErrorInfo);
  return info.has_value() ? std::move(*info->mutable_reason()) : "";
}

std::vector<FieldViolation> FieldViolations(const absl::Status& status) {
  std::vector<FieldViolation> violations;
  const auto request = ReadDetail<wire::BadRequest>(status, kBadRequest);
  if (!request.has_value()) return violations;
  for (const auto& violation : request->field_violations()) {
    violations.push_back({violation.field(), violation.description()});
  }
  return violations;
}

std::optional<absl::Duration> RetryDelay(const absl::Status& status) {
  const auto info = ReadDetail<wire::RetryInfo>(status, kRetryInfo);
  if (!info.has_value() || !info->has_retry_delay()) return std::nullopt;
  const absl::Duration delay = absl::Seconds(info->retry_delay().seconds()) +
                               absl::Nanoseconds(info->retry_delay().nanos());
  return std::max(delay, absl::ZeroDuration());
}

bool IsTerminal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kDataLoss:
      return true;
    default:
      return false;
  }
}

std::string ErrorLine(const absl::Status& status) {
  std::string line = absl::StrCat(absl::StatusCodeToString(status.code()), ": ",
                                  status.message());
  const std::string reason = ErrorReason(status);
  if (!reason.empty()) absl::StrAppend(&line, " (", reason, ")");
  for (const FieldViolation& violation : FieldViolations(status)) {
    const std::string wrong =
        absl::StrCat(violation.field, ": ", violation.description);
    // The gateway's own message names them already, or says the same.
    if (!absl::StrContains(status.message(), wrong) &&
        status.message() != violation.description) {
      absl::StrAppend(&line, "; ", wrong);
    }
  }
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  // A platform may have written it, or repeated what a stranger wrote.
  return Printable(line, line.size());
}

}  // namespace chatgate
