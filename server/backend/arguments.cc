#include "server/backend/arguments.h"

#include <openssl/sha.h>

#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "server/backend/error_table.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kRequestIdField[] = "request_id";
constexpr char kAppIdField[] = "app_id";
constexpr char kValidateOnlyField[] = "validate_only";
constexpr char kPageSizeField[] = "page_size";
constexpr char kMaxStalenessField[] = "max_staleness";

bool IsSet(const Message& request, const FieldDescriptor* field) {
  const auto* reflection = request.GetReflection();
  if (field->is_repeated()) return reflection->FieldSize(request, field) > 0;
  // Of a field without presence that it is not its default.
  if (!reflection->HasField(request, field)) return false;
  return field->cpp_type() != FieldDescriptor::CPPTYPE_STRING ||
         !reflection->GetString(request, field).empty();
}

// As the comments of google.protobuf.Duration say.
bool IsDuration(const google::protobuf::Duration& value) {
  constexpr int32_t kNanosMax = 999'999'999;
  const bool one_sign = (value.seconds() <= 0 && value.nanos() <= 0) ||
                        (value.seconds() >= 0 && value.nanos() >= 0);
  return one_sign && value.nanos() >= -kNanosMax && value.nanos() <= kNanosMax;
}

// Maps in the order of their keys, so that equal messages are equal bytes.
std::string DeterministicBytes(const Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

// What `request` asks for, without the fields that say for whom and how.
std::string ContentOf(const Message& request) {
  const std::unique_ptr<Message> content(request.New());
  content->CopyFrom(request);
  for (const char* name :
       {kRequestIdField, kAppIdField, kValidateOnlyField, kMaxStalenessField}) {
    const FieldDescriptor* field =
        content->GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) {
      content->GetReflection()->ClearField(content.get(), field);
    }
  }
  return DeterministicBytes(*content);
}

std::string Sha256(const std::string& bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(&digest[0]));
  return digest;
}

}  // namespace

absl::StatusOr<int> PageSize(int32_t requested) {
  if (requested < 0) {
    return InvalidField("page_size", "must not be negative");
  }
  if (requested == 0) return kPageSizeDefault;
  return requested > kPageSizeMax ? kPageSizeMax : requested;
}

void LimitPageSize(Message* request) {
  const FieldDescriptor* field =
      request->GetDescriptor()->FindFieldByName(kPageSizeField);
  if (field == nullptr) return;
  const auto* reflection = request->GetReflection();
  if (reflection->GetInt32(*request, field) > kPageSizeMax) {
    reflection->SetInt32(request, field, kPageSizeMax);
  }
}

absl::Status RequireFields(const Message& request,
                           const std::vector<absl::string_view>& fields) {
  std::vector<FieldViolation> violations;
  for (const absl::string_view name : fields) {
    const FieldDescriptor* field =
        request.GetDescriptor()->FindFieldByName(std::string(name));
    if (field == nullptr || !IsSet(request, field)) {
      violations.push_back({std::string(name), "is required"});
    }
  }
  if (violations.empty()) return absl::OkStatus();
  return InvalidFields(violations);
}

absl::StatusOr<std::string> RequestId(const Message& request) {
  const FieldDescriptor* field =
      request.GetDescriptor()->FindFieldByName(kRequestIdField);
  if (field == nullptr) return std::string();
  std::string id = request.GetReflection()->GetString(request, field);
  if (id.size() > kRequestIdBytesMax) {
    return InvalidField(
        kRequestIdField,
        absl::StrCat("is longer than ", kRequestIdBytesMax, " bytes"));
  }
  return id;
}

bool ValidateOnly(const Message& request) {
  const FieldDescriptor* field =
      request.GetDescriptor()->FindFieldByName(kValidateOnlyField);
  return field != nullptr && request.GetReflection()->GetBool(request, field);
}

absl::StatusOr<absl::Duration> MaxStaleness(const Message& request) {
  const FieldDescriptor* field =
      request.GetDescriptor()->FindFieldByName(kMaxStalenessField);
  if (field == nullptr || !request.GetReflection()->HasField(request, field)) {
    return absl::ZeroDuration();
  }
  const auto& value = static_cast<const google::protobuf::Duration&>(
      request.GetReflection()->GetMessage(request, field));
  if (!IsDuration(value)) {
    return InvalidField(kMaxStalenessField, "is no duration");
  }
  const absl::Duration staleness =
      absl::Seconds(value.seconds()) + absl::Nanoseconds(value.nanos());
  if (staleness < absl::ZeroDuration()) {
    return InvalidField(kMaxStalenessField, "must not be negative");
  }
  if (staleness > kMaxStalenessMax) {
    return InvalidField(kMaxStalenessField, "must be at most 24 hours");
  }
  return staleness;
}

bool SaysNo(absl::string_view text) {
  return text.empty() || text == "0" || absl::EqualsIgnoreCase(text, "false");
}

std::string Fingerprint(const Message& request) {
  return Sha256(ContentOf(request));
}

std::string ContentKey(const Message& request) {
  constexpr size_t kReadableMax = 64;
  const std::string content = ContentOf(request);
  // The first letter says which it is: no content is another's digest.
  return content.size() <= kReadableMax ? absl::StrCat("=", content)
                                        : absl::StrCat("#", Sha256(content));
}

}  // namespace chatgate
