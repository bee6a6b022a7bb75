#include "server/web_api/lost_answer.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chatgate/v1/chat_service.pb.h"
#include "server/web_api/echoed_part.h"
#include "server/web_api/lost_conversation.h"
#include "server/web_api/lost_reach.h"

namespace chatgate {
namespace {

using google::protobuf::Message;

// Collects what could be the one that is looked for.
template <typename Thing>
struct Candidates {
  std::vector<Thing> same_text;
  bool others = false;

  LostAnswer::Verdict verdict() const {
    if (same_text.size() == 1) return LostAnswer::Verdict::kFound;
    return same_text.empty() && !others ? LostAnswer::Verdict::kAbsent
                                        : LostAnswer::Verdict::kUnclear;
  }
};

class LostReply final : public LostAnswer {
 public:
  LostReply(const v1::ReplyToConversationRequest& request, LostSend lost)
      : request_(request), lost_(std::move(lost)) {
    AskFor("");
  }

  std::unique_ptr<Message> NextRead() override { return std::move(read_); }

  void Take(const absl::Status& status, const Message* response) override {
    if (absl::IsNotFound(status) && pages_ == 1) verdict_ = Verdict::kAbsent;
    if (!status.ok()) return;
    const auto& page =
        static_cast<const v1::ListConversationPartsResponse&>(*response);
    LookForAssignment(page);
    for (const v1::ConversationPart& part : page.parts()) {
      tells_random_ids_ = tells_random_ids_ || part.random_id() != 0;
      if (lost_.claimed(part.id())) continue;
      if (part.random_id() != 0) {
        if (HasItsId(part)) return Found(part);
      } else if (IsOfItsKind(request_, part) &&
                 IsOfTime(lost_, part.created())) {
        Weigh(part);
      }
    }
    if (!MayGoOn(lost_, page)) return Conclude();
    if (pages_ < kPartsPagesMax) AskFor(page.next_page_token());
  }

 private:
  void AskFor(const std::string& page_token) {
    ++pages_;
    auto read = std::make_unique<v1::ListConversationPartsRequest>();
    read->set_app_id(request_.app_id());
    read->set_conversation_id(request_.conversation_id());
    read->set_page_size(kPartsRead);
    read->set_page_token(page_token);
    read_ = std::move(read);
  }

  // A number of its own says all, whatever kind the platform has made of it;
  // one that the caller chose may be every request's.
  bool HasItsId(const v1::ConversationPart& part) const {
    if (part.random_id() != request_.random_id()) return false;
    return lost_.random_id_is_unique ||
           (IsOfItsKind(request_, part) && IsOfTime(lost_, part.created()));
  }

  // A part without a random id.
  void Weigh(const v1::ConversationPart& part) {
    if (part.body() == request_.body()) {
      candidates_.same_text.push_back(part);
    } else {
      candidates_.others = true;
    }
  }

  // It is newer than the part, so it is met before, or on the same page.
  void LookForAssignment(const v1::ListConversationPartsResponse& page) {
    for (const v1::ConversationPart& part : page.parts()) {
      if (part.type() == "assigned" && part.random_id() != 0 &&
          part.random_id() == request_.auto_assign_random_id()) {
        assignment_ = part;
        return;  // The newest.
      }
    }
  }

  void Conclude() {
    if (tells_random_ids_) candidates_ = {};
    verdict_ = candidates_.verdict();
    if (verdict_ == Verdict::kFound) Found(candidates_.same_text[0]);
  }

  void Found(const v1::ConversationPart& part) {
    verdict_ = Verdict::kFound;
    auto response = std::make_unique<v1::ReplyToConversationResponse>();
    *response->mutable_part() = part;
    if (assignment_) *response->mutable_assign_part() = *assignment_;
    response_ = std::move(response);
  }

  const v1::ReplyToConversationRequest& request_;
  const LostSend lost_;
  std::unique_ptr<Message> read_;  // The next one.
  int pages_ = 0;                  // That were asked for.
  bool tells_random_ids_ = false;
  Candidates<v1::ConversationPart> candidates_;
  std::optional<v1::ConversationPart> assignment_;
};

class LostMessage final : public LostAnswer {
 public:
  LostMessage(const v1::SendMessageRequest& request, LostSend lost)
      : request_(request), lost_(std::move(lost)) {}

  std::unique_ptr<Message> NextRead() override {
    if (std::exchange(asked_, true)) return nullptr;
    auto read = std::make_unique<v1::ListUserConversationsRequest>();
    read->set_app_id(request_.app_id());
    read->set_user_id(request_.user_id());
    read->set_page_size(kConversationsRead);
    return read;
  }

  // A message has no random id: its text and time must do.
  void Take(const absl::Status& status, const Message* response) override {
    if (absl::IsNotFound(status)) verdict_ = Verdict::kAbsent;
    if (!status.ok()) return;
    const auto& page =
        static_cast<const v1::ListUserConversationsResponse&>(*response);
    Candidates<v1::Conversation> candidates;
    for (const v1::Conversation& conversation : page.conversations()) {
      if (conversation.message() == 0 || lost_.claimed(conversation.id()) ||
          !IsOfTime(lost_, conversation.created())) {
        continue;
      }
      if (conversation.part_last().body() == request_.body()) {
        candidates.same_text.push_back(conversation);
      } else {
        candidates.others = true;
      }
    }
    // What is behind the page may be it.
    candidates.others = candidates.others || MayGoOn(lost_, page);
    verdict_ = candidates.verdict();
    if (verdict_ != Verdict::kFound) return;
    auto found = std::make_unique<v1::SendMessageResponse>();
    found->set_conversation(candidates.same_text[0].id());
    found->set_message(candidates.same_text[0].message());
    response_ = std::move(found);
  }

 private:
  const v1::SendMessageRequest& request_;
  const LostSend lost_;
  bool asked_ = false;
};

}  // namespace

std::unique_ptr<LostAnswer> LostAnswer::For(const LostSend& lost) {
  using v1::ReplyToConversationRequest;
  using v1::SendMessageRequest;
  using v1::StartConversationRequest;
  if (const auto* reply =
          dynamic_cast<const ReplyToConversationRequest*>(lost.request)) {
    return std::make_unique<LostReply>(*reply, lost);
  }
  if (const auto* message =
          dynamic_cast<const SendMessageRequest*>(lost.request)) {
    return std::make_unique<LostMessage>(*message, lost);
  }
  if (const auto* started =
          dynamic_cast<const StartConversationRequest*>(lost.request)) {
    return LookForConversation(*started, lost);
  }
  return nullptr;
}

}  // namespace chatgate
