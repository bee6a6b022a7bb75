#include "server/web_api/resend.h"

#include <openssl/sha.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "chatgate/v1/chat_service.pb.h"
#include "server/backend/arguments.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kRandomId[] = "random_id";
constexpr char kPageSize[] = "page_size";

// 1 to 2^31 - 1: whether the platform's 32 bits have a sign is unknown.
uint32_t RandomId(absl::string_view text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         digest);
  const uint32_t number = uint32_t{digest[0]} << 24 |
                          uint32_t{digest[1]} << 16 | uint32_t{digest[2]} << 8 |
                          uint32_t{digest[3]};
  return std::max<uint32_t>(number & 0x7FFFFFFF, 1);
}

}  // namespace

bool ResendIsSafe(const Method& method, const Message& request) {
  if (method.rest.idempotent()) return true;
  const auto* props = dynamic_cast<const v1::SetUserPropsRequest*>(&request);
  if (props == nullptr) return false;
  // Sums and lists that grow depend on how often they are done, and so does the
  // answer of `set_once`, which says whether it was the first. One that nobody
  // knows may be such.
  return std::all_of(props->operations().begin(), props->operations().end(),
                     [](const v1::PropOperation& operation) {
                       const std::string& op = operation.op();
                       return op == "update_or_create" || op == "delete" ||
                              op == "union" || op == "exclude";
                     });
}

void FillRandomIds(uint64_t app_id, absl::string_view request_id,
                   uint32_t known_id, Message* request) {
  const FieldDescriptor* field =
      request->GetDescriptor()->FindFieldByName(kRandomId);
  if (field == nullptr) return;
  const auto* reflection = request->GetReflection();
  std::string text = absl::StrCat(app_id, "/", request->GetDescriptor()->name(),
                                  "/", request_id);
  // Whoever chose a number may use it for every request.
  const bool is_chosen = reflection->GetUInt32(*request, field) != 0;
  if (!is_chosen && known_id == 0) {
    absl::BitGen random;
    known_id =
        RandomId(absl::StrCat(text, "/", absl::Uniform<uint64_t>(random)));
  }
  if (!is_chosen) reflection->SetUInt32(request, field, known_id);
  absl::StrAppend(&text, "/", reflection->GetUInt32(*request, field));
  // What neither number tells from another call, chance does.
  if (is_chosen && request_id.empty()) {
    absl::BitGen random;
    absl::StrAppend(&text, "/", absl::Uniform<uint64_t>(random));
  }
  auto* reply = dynamic_cast<v1::ReplyToConversationRequest*>(request);
  if (reply != nullptr && reply->has_auto_assign() &&
      reply->auto_assign_random_id() == 0) {
    reply->set_auto_assign_random_id(RandomId(absl::StrCat(text, "/assign")));
  }
}

absl::Status CheckArguments(const Message& request) {
  static const auto& required =
      *new std::map<std::string, std::vector<absl::string_view>>{
          {"ReplyToConversationRequest", {"body"}},
          {"TagConversationRequest", {"action", "tag"}},
          {"TrackUserEventRequest", {"event"}},
          {"SetUserPropsRequest", {"operations"}},
          {"SetUserPresenceRequest", {"presence"}},
          {"SendMessageRequest", {"body"}},
          {"StartConversationRequest", {"body"}},
      };
  const auto found = required.find(request.GetDescriptor()->name());
  if (found != required.end()) {
    RETURN_IF_ERROR(RequireFields(request, found->second));
  }
  const FieldDescriptor* page_size =
      request.GetDescriptor()->FindFieldByName(kPageSize);
  if (page_size != nullptr) {
    RETURN_IF_ERROR(
        PageSize(request.GetReflection()->GetInt32(request, page_size))
            .status());
  }
  return RequestId(request).status();
}

}  // namespace chatgate
