#include "tests/bench/conversation_script.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/message_differencer.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

constexpr uint64_t kApp = 777;
constexpr uint32_t kUnknownField = 1'000;

bool Same(const std::string& a, const std::string& b) {
  v1::GetConversationResponse one;
  v1::GetConversationResponse other;
  return one.ParseFromString(a) && other.ParseFromString(b) &&
         google::protobuf::util::MessageDifferencer::Equals(one, other);
}

bool IsAbout(const std::string& reply, uint64_t id) {
  v1::GetConversationResponse response;
  return response.ParseFromString(reply) && response.conversation().id() == id;
}

}  // namespace

ConversationScript::ConversationScript(std::vector<uint64_t> ids,
                                       const ConversationScriptOptions& options)
    : each_anew_(options.each_anew) {
  v1::GetConversationRequest request;
  request.set_app_id(kApp);
  if (options.max_staleness > absl::ZeroDuration()) {
    request.mutable_max_staleness()->set_seconds(
        absl::ToInt64Seconds(options.max_staleness));
  }
  for (const uint64_t id : ids) {
    request.set_conversation_id(id);
    std::string bytes = request.SerializeAsString();
    grpc::ByteBuffer buffer = ToBuffer(bytes);
    conversations_.push_back({id, std::move(bytes), std::move(buffer), {}});
  }
}

std::string ConversationScript::Method() const {
  return "/chatgate.v1.ChatService/GetConversation";
}

grpc::ByteBuffer ConversationScript::Request(uint64_t n) {
  const Conversation& asked = conversations_[n % conversations_.size()];
  if (!each_anew_) return asked.request;
  std::string bytes = asked.request_bytes;
  {
    google::protobuf::io::StringOutputStream out(&bytes);
    google::protobuf::io::CodedOutputStream coded(&out);
    coded.WriteTag(kUnknownField << 3);  // A varint.
    coded.WriteVarint64(n);
  }
  return ToBuffer(bytes);
}

absl::Status ConversationScript::Check(uint64_t n, const std::string& reply) {
  Conversation& asked = conversations_[n % conversations_.size()];
  for (const std::string& known : asked.replies) {
    if (reply == known) return absl::OkStatus();
  }
  if (!IsAbout(reply, asked.id)) {
    return absl::DataLossError(
        absl::StrCat("the answer is not about conversation ", asked.id));
  }
  if (!asked.replies.empty() && !Same(reply, asked.replies.front())) {
    return absl::DataLossError(
        absl::StrCat("two answers about conversation ", asked.id, " differ"));
  }
  asked.replies.push_back(reply);
  return absl::OkStatus();
}

std::string ConversationScript::reply() const {
  const std::vector<std::string>& replies = conversations_.front().replies;
  return replies.empty() ? "" : replies.front();
}

absl::Status ConversationScript::CheckSame(
    const ConversationScript& other) const {
  for (size_t i = 0; i < conversations_.size(); ++i) {
    const std::vector<std::string>& ours = conversations_[i].replies;
    const std::vector<std::string>& theirs = other.conversations_[i].replies;
    if (ours.empty() || theirs.empty()) continue;  // Never asked.
    if (!Same(ours.front(), theirs.front())) {
      return absl::DataLossError(
          absl::StrCat("the two sides say different things of conversation ",
                       conversations_[i].id));
    }
  }
  return absl::OkStatus();
}

absl::Status EchoScript::Check(uint64_t /*n*/, const std::string& reply) {
  if (reply == reply_) return absl::OkStatus();
  return absl::DataLossError("the reference replies something else");
}

}  // namespace chatgate
