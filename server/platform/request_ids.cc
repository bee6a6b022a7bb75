#include "server/platform/request_ids.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/platform/arguments.h"
#include "server/platform/sql.h"

namespace chatgate::platform {

namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

// The type names the method: every method has its own request.
const std::string& MethodOf(const Message& request) {
  return request.GetDescriptor()->name();
}

void ClearField(const char* name, Message* message) {
  const FieldDescriptor* field =
      message->GetDescriptor()->FindFieldByName(name);
  if (field != nullptr) message->GetReflection()->ClearField(message, field);
}

// FNV-1a of what the call asks for: `request_id` and `app_id` (which may be
// left out) are scope, not content.
int64_t Fingerprint(const Message& request) {
  const std::unique_ptr<Message> content(request.New());
  content->CopyFrom(request);
  ClearField("request_id", content.get());
  ClearField("app_id", content.get());
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.SetSerializationDeterministic(true);  // Maps in their keys' order.
    content->SerializeToCodedStream(&out);
  }
  uint64_t hash = 14695981039346656037ULL;
  for (const char byte : bytes)
    hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211ULL;
  return static_cast<int64_t>(hash);
}

}  // namespace

std::string RequestIdOf(const Message& request) {
  const FieldDescriptor* field =
      request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr) return "";
  return request.GetReflection()->GetString(request, field);
}

absl::StatusOr<bool> AnswerAgain(const ReadContext& context,
                                 const std::string& request_id,
                                 const Message& request, Message* response) {
  if (request_id.size() > context.limits.request_id_bytes_max) {
    return InvalidField(
        "request_id",
        absl::StrCat("must have at most ", context.limits.request_id_bytes_max,
                     " bytes"));
  }
  RETURN_IF_ERROR(CheckText("request_id", request_id, 1,
                            context.limits.request_id_bytes_max));
  ASSIGN_OR_RETURN(Statement find, context.Prepare(kFindRequest));
  find.Bind(0, context.app.sql_id());
  find.Bind(1, MethodOf(request));
  find.Bind(2, request_id);
  ASSIGN_OR_RETURN(const bool known, find.Step());
  if (!known) return false;
  if (find.Int(0) != Fingerprint(request)) {
    return MakeError("REQUEST_ID_REUSED",
                     absl::StrCat("request_id \"", request_id,
                                  "\" was used for another content"));
  }
  const absl::string_view kept = find.Blob(1);
  if (!response->ParseFromArray(kept.data(), static_cast<int>(kept.size())))
    return absl::DataLossError("a kept answer is damaged");
  return true;
}

absl::Status KeepAnswer(WriteContext& context, const std::string& request_id,
                        const Message& request, const Message& response) {
  const std::string bytes = response.SerializeAsString();
  ASSIGN_OR_RETURN(Statement insert, context.Prepare(kInsertRequest));
  insert.Bind(0, context.app.sql_id());
  insert.Bind(1, MethodOf(request));
  insert.Bind(2, request_id);
  insert.Bind(3, Fingerprint(request));
  insert.BindBlob(4, bytes);
  return insert.Run();
}

}  // namespace chatgate::platform
