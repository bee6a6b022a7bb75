#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "chatgate_wire/rpc_status.pb.h"
#include "server/backend/error_table.h"
#include "server/base/utf8.h"

// The details of a status: made, read and put on the wire.
namespace chatgate {
namespace {

constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kBadRequestUrl[] = "type.googleapis.com/google.rpc.BadRequest";
constexpr char kRetryInfoUrl[] = "type.googleapis.com/google.rpc.RetryInfo";
constexpr char kQuotaFailureUrl[] =
    "type.googleapis.com/google.rpc.QuotaFailure";
constexpr char kDomain[] = "chatgate.v1";

// Where details are too long, each text is cut to this many bytes.
constexpr size_t kMessageBytesMax = 1024;
constexpr size_t kReasonBytesMax = 256;
constexpr size_t kFieldBytesMax = 128;
constexpr size_t kDescriptionBytesMax = 256;

// What an Any with a type URL costs beside its content.
constexpr size_t kDetailOverhead = 64;

template <typename Message>
void SetPayload(absl::string_view url, const Message& message,
                absl::Status* status) {
  status->SetPayload(url, absl::Cord(message.SerializeAsString()));
}

template <typename Message>
bool GetPayload(const absl::Status& status, absl::string_view url,
                Message* message) {
  const auto payload = status.GetPayload(url);
  return payload && message->ParseFromString(std::string(*payload));
}

wire::ErrorInfo ErrorInfo(absl::string_view reason) {
  wire::ErrorInfo info;
  info.set_reason(RepairUtf8(reason));
  info.set_domain(kDomain);
  return info;
}

std::string Shortened(absl::string_view text, size_t bytes_max) {
  return std::string(Utf8Prefix(text, bytes_max));
}

// What a status holds, in the order in which it goes on the wire: the most
// telling first, because the end is dropped first.
struct Details {
  wire::ErrorInfo info;
  bool has_retry = false;
  wire::RetryInfo retry;
  wire::BadRequest bad_request;
  std::vector<google::protobuf::Any> others;
};

Details DetailsOf(const absl::Status& status) {
  Details details;
  if (!GetPayload(status, kErrorInfoUrl, &details.info)) {
    const ErrorRow* row = DefaultError(status.code());
    details.info = ErrorInfo(row == nullptr ? "UNKNOWN" : row->name);
  }
  details.has_retry = GetPayload(status, kRetryInfoUrl, &details.retry);
  GetPayload(status, kBadRequestUrl, &details.bad_request);
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    if (url == kErrorInfoUrl || url == kRetryInfoUrl || url == kBadRequestUrl) {
      return;
    }
    google::protobuf::Any other;
    other.set_type_url(std::string(url));
    other.set_value(std::string(payload));
    details.others.push_back(std::move(other));
  });
  // Payloads have no order of their own; the wire form is the same every time.
  std::sort(
      details.others.begin(), details.others.end(),
      [](const auto& a, const auto& b) { return a.type_url() < b.type_url(); });
  return details;
}

template <typename Message>
void AddDetail(absl::string_view url, const Message& message,
               wire::Status* out) {
  google::protobuf::Any& any = *out->add_details();
  any.set_type_url(std::string(url));
  any.set_value(message.SerializeAsString());
}

std::string Serialize(const absl::Status& status, absl::string_view text,
                      const Details& details) {
  wire::Status out;
  out.set_code(static_cast<int>(status.code()));
  out.set_message(std::string(text));
  AddDetail(kErrorInfoUrl, details.info, &out);
  if (details.has_retry) AddDetail(kRetryInfoUrl, details.retry, &out);
  if (details.bad_request.field_violations_size() > 0) {
    AddDetail(kBadRequestUrl, details.bad_request, &out);
  }
  for (const google::protobuf::Any& other : details.others) {
    *out.add_details() = other;
  }
  return out.SerializeAsString();
}

void Shorten(std::string* text, Details* details) {
  *text = Shortened(*text, kMessageBytesMax);
  details->info.set_reason(Shortened(details->info.reason(), kReasonBytesMax));
  details->info.clear_metadata();
  for (auto& violation : *details->bad_request.mutable_field_violations()) {
    violation.set_field(Shortened(violation.field(), kFieldBytesMax));
    violation.set_description(
        Shortened(violation.description(), kDescriptionBytesMax));
  }
}

// Copies the first violations that need at most `bytes_max` together.
void KeepWhatFits(const wire::BadRequest& all, size_t bytes_max,
                  wire::BadRequest* kept) {
  constexpr size_t kTagAndLength = 3;
  for (const auto& violation : all.field_violations()) {
    const size_t bytes = violation.ByteSizeLong() + kTagAndLength;
    if (bytes > bytes_max) return;
    bytes_max -= bytes;
    *kept->add_field_violations() = violation;
  }
}

void SetBadRequest(const std::vector<FieldViolation>& violations,
                   absl::Status* status) {
  wire::BadRequest bad_request;
  for (const FieldViolation& violation : violations) {
    auto& added = *bad_request.add_field_violations();
    added.set_field(RepairUtf8(violation.field));
    added.set_description(RepairUtf8(violation.description));
  }
  SetPayload(kBadRequestUrl, bad_request, status);
}

}  // namespace

absl::Status MakeError(absl::string_view name, absl::string_view message) {
  const ErrorRow* row = FindError(name);
  absl::Status status(row == nullptr ? absl::StatusCode::kUnknown : row->code,
                      RepairUtf8(message));
  SetPayload(kErrorInfoUrl, ErrorInfo(name), &status);
  return status;
}

absl::Status InvalidFields(const std::vector<FieldViolation>& violations) {
  absl::Status status = MakeError(
      "ValidationError",
      absl::StrJoin(violations, "; ",
                    [](std::string* out, const FieldViolation& violation) {
                      absl::StrAppend(out, violation.field, ": ",
                                      violation.description);
                    }));
  SetBadRequest(violations, &status);
  return status;
}

absl::Status InvalidField(absl::string_view field,
                          absl::string_view description) {
  return InvalidFields({{std::string(field), std::string(description)}});
}

absl::Status FieldError(absl::string_view name, absl::string_view field,
                        absl::string_view description) {
  absl::Status status = MakeError(name, description);
  SetBadRequest({{std::string(field), std::string(description)}}, &status);
  return status;
}

absl::Status WithRetryDelay(absl::Status status, absl::Duration delay) {
  if (status.ok()) return status;
  delay = std::clamp(delay, absl::ZeroDuration(), absl::Hours(24));
  wire::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(delay));
  retry.mutable_retry_delay()->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(delay % absl::Seconds(1))));
  SetPayload(kRetryInfoUrl, retry, &status);
  return status;
}

absl::Status WithQuotaFailure(absl::Status status, absl::string_view subject,
                              absl::string_view description) {
  if (status.ok()) return status;
  wire::QuotaFailure quota;
  auto& violation = *quota.add_violations();
  violation.set_subject(RepairUtf8(subject));
  violation.set_description(RepairUtf8(description));
  SetPayload(kQuotaFailureUrl, quota, &status);
  return status;
}

std::string ErrorName(const absl::Status& status) {
  wire::ErrorInfo info;
  return GetPayload(status, kErrorInfoUrl, &info) ? info.reason() : "";
}

inline namespace backend_status {

std::vector<FieldViolation> FieldViolations(const absl::Status& status) {
  wire::BadRequest bad_request;
  std::vector<FieldViolation> violations;
  if (!GetPayload(status, kBadRequestUrl, &bad_request)) return violations;
  for (const auto& violation : bad_request.field_violations()) {
    violations.push_back({violation.field(), violation.description()});
  }
  return violations;
}

absl::Duration RetryDelay(const absl::Status& status) {
  wire::RetryInfo retry;
  if (!GetPayload(status, kRetryInfoUrl, &retry)) return absl::ZeroDuration();
  return absl::Seconds(retry.retry_delay().seconds()) +
         absl::Nanoseconds(retry.retry_delay().nanos());
}

}  // namespace backend_status

std::string StatusDetailsBin(const absl::Status& status) {
  if (status.ok()) return "";
  Details details = DetailsOf(status);
  std::string text = RepairUtf8(status.message());
  std::string bin = Serialize(status, text, details);
  if (bin.size() <= kStatusDetailsBytesMax) return bin;
  Shorten(&text, &details);
  for (;;) {
    const wire::BadRequest all = std::move(details.bad_request);
    details.bad_request.Clear();
    bin = Serialize(status, text, details);
    if (bin.size() + kDetailOverhead <= kStatusDetailsBytesMax) {
      KeepWhatFits(all, kStatusDetailsBytesMax - bin.size() - kDetailOverhead,
                   &details.bad_request);
      return Serialize(status, text, details);
    }
    if (details.others.empty()) return bin;  // Cannot be: the rest has limits.
    details.others.pop_back();
    details.bad_request = all;
  }
}

}  // namespace chatgate
