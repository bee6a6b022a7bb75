#include "server/platform/request_ids.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "server/backend/arguments.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/platform/arguments.h"
#include "server/platform/sql.h"

namespace chatgate::platform {

namespace {

using ::google::protobuf::Message;

// The type names the method: every method has its own request.
const std::string& MethodOf(const Message& request) {
  return request.GetDescriptor()->name();
}

}  // namespace

absl::StatusOr<bool> AnswerAgain(const ReadContext& context,
                                 const std::string& request_id,
                                 const Message& request, Message* response) {
  RETURN_IF_ERROR(CheckText("request_id", request_id, 1, kRequestIdBytesMax));
  ASSIGN_OR_RETURN(Statement find, context.Prepare(kFindRequest));
  find.Bind(0, context.app.sql_id());
  find.Bind(1, MethodOf(request));
  find.Bind(2, request_id);
  ASSIGN_OR_RETURN(const bool known, find.Step());
  if (!known) return false;
  if (find.Blob(0) != Fingerprint(request)) {
    return FieldError("REQUEST_ID_REUSED", "request_id",
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
  const std::string fingerprint = Fingerprint(request);
  const std::string bytes = response.SerializeAsString();
  ASSIGN_OR_RETURN(Statement insert, context.Prepare(kInsertRequest));
  insert.Bind(0, context.app.sql_id());
  insert.Bind(1, MethodOf(request));
  insert.Bind(2, request_id);
  insert.BindBlob(3, fingerprint);
  insert.BindBlob(4, bytes);
  return insert.Run();
}

}  // namespace chatgate::platform
