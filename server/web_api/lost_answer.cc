#include "server/web_api/lost_answer.h"

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chatgate/v1/chat_service.pb.h"

namespace chatgate {
namespace {

using google::protobuf::Message;

// How far the platform's clock may be behind ours.
constexpr absl::Duration kClockSkewMax = absl::Minutes(1);
constexpr int kPartsRead = 50;
constexpr int kConversationsRead = 10;
// Conversations of the time in question whose parts are read, too.
constexpr size_t kConversationsOpenedMax = 3;

// Collects what could be the one that is looked for.
template <typename Thing>
struct Candidates {
  std::vector<const Thing*> same_text;
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
      : request_(request), lost_(std::move(lost)) {}

  std::unique_ptr<Message> NextRead() override {
    if (std::exchange(asked_, true)) return nullptr;
    auto read = std::make_unique<v1::ListConversationPartsRequest>();
    read->set_app_id(request_.app_id());
    read->set_conversation_id(request_.conversation_id());
    read->set_page_size(kPartsRead);
    return read;
  }

  void Take(const absl::Status& status, const Message* response) override {
    if (absl::IsNotFound(status)) verdict_ = Verdict::kAbsent;
    if (!status.ok()) return;
    const auto& page =
        static_cast<const v1::ListConversationPartsResponse&>(*response);
    bool tells_random_ids = false;
    Candidates<v1::ConversationPart> candidates;
    for (const v1::ConversationPart& part : page.parts()) {
      tells_random_ids = tells_random_ids || part.random_id() != 0;
      const bool has_its_id = part.random_id() == request_.random_id();
      if (!IsOfKind(part)) continue;
      if (!(has_its_id && lost_.random_id_is_unique) && !IsOfTime(part)) {
        continue;
      }
      if (has_its_id) return Found(page, part);
      if (part.random_id() != 0) continue;
      if (part.body() == request_.body()) {
        candidates.same_text.push_back(&part);
      } else {
        candidates.others = true;
      }
    }
    if (tells_random_ids) candidates = {};
    verdict_ = candidates.verdict();
    if (verdict_ == Verdict::kFound) Found(page, *candidates.same_text[0]);
  }

 private:
  bool IsOfKind(const v1::ConversationPart& part) const {
    const std::string& type = part.type();
    const bool kind = !request_.from_user().empty() ? type == "reply_user"
                      : request_.type() == "note"   ? type == "note"
                                                    : type == "reply_admin";
    return kind && !lost_.claimed(part.id());
  }

  bool IsOfTime(const v1::ConversationPart& part) const {
    return absl::FromUnixSeconds(part.created()) >=
           lost_.sent_at - kClockSkewMax;
  }

  void Found(const v1::ListConversationPartsResponse& page,
             const v1::ConversationPart& part) {
    verdict_ = Verdict::kFound;
    auto response = std::make_unique<v1::ReplyToConversationResponse>();
    *response->mutable_part() = part;
    for (const v1::ConversationPart& other : page.parts()) {
      if (other.type() == "assigned" && other.random_id() != 0 &&
          other.random_id() == request_.auto_assign_random_id()) {
        *response->mutable_assign_part() = other;
      }
    }
    response_ = std::move(response);
  }

  const v1::ReplyToConversationRequest& request_;
  const LostSend lost_;
  bool asked_ = false;
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
          absl::FromUnixSeconds(conversation.created()) <
              lost_.sent_at - kClockSkewMax) {
        continue;
      }
      if (conversation.part_last().body() == request_.body()) {
        candidates.same_text.push_back(&conversation);
      } else {
        candidates.others = true;
      }
    }
    verdict_ = candidates.verdict();
    if (verdict_ != Verdict::kFound) return;
    auto found = std::make_unique<v1::SendMessageResponse>();
    found->set_conversation(candidates.same_text[0]->id());
    found->set_message(candidates.same_text[0]->message());
    response_ = std::move(found);
  }

 private:
  const v1::SendMessageRequest& request_;
  const LostSend lost_;
  bool asked_ = false;
};

class LostConversation final : public LostAnswer {
 public:
  LostConversation(const v1::StartConversationRequest& request, LostSend lost)
      : request_(request), lost_(std::move(lost)) {
    if (request_.by_user_id()) {
      auto read = std::make_unique<v1::GetUserRequest>();
      read->set_app_id(request_.app_id());
      read->set_user_id(request_.user_id());
      read->set_by_user_id(true);
      reads_.push_back(std::move(read));
    } else {
      ReadConversations(request_.user_id());
    }
  }

  std::unique_ptr<Message> NextRead() override {
    if (reads_.empty() || response_ != nullptr) return nullptr;
    std::unique_ptr<Message> read = std::move(reads_.front());
    reads_.pop_front();
    return read;
  }

  void Take(const absl::Status& status, const Message* response) override {
    // Also a lead that nobody knows: the call would have made it.
    if (absl::IsNotFound(status)) verdict_ = Verdict::kAbsent;
    if (!status.ok()) {
      reads_.clear();
    } else if (const auto* user =
                   dynamic_cast<const v1::GetUserResponse*>(response)) {
      ReadConversations(absl::StrCat(user->user().id()));
    } else if (const auto* list =
                   dynamic_cast<const v1::ListUserConversationsResponse*>(
                       response)) {
      TakeList(*list);
    } else if (const auto* parts =
                   dynamic_cast<const v1::ListConversationPartsResponse*>(
                       response)) {
      for (const v1::ConversationPart& part : parts->parts()) Weigh(part);
      Conclude();
    }
  }

 private:
  void ReadConversations(const std::string& user_id) {
    auto read = std::make_unique<v1::ListUserConversationsRequest>();
    read->set_app_id(request_.app_id());
    read->set_user_id(user_id);
    read->set_page_size(kConversationsRead);
    reads_.push_back(std::move(read));
  }

  void TakeList(const v1::ListUserConversationsResponse& list) {
    for (const v1::Conversation& conversation : list.conversations()) {
      if (conversation.message() != 0 || lost_.claimed(conversation.id()) ||
          (!lost_.random_id_is_unique &&
           absl::FromUnixSeconds(conversation.created()) <
               lost_.sent_at - kClockSkewMax)) {
        continue;
      }
      if (conversation.parts_count() <= 1) {
        v1::ConversationPart part = conversation.part_last();
        part.set_conversation(conversation.id());
        if (part.created() == 0) part.set_created(conversation.created());
        Weigh(part);
      } else if (reads_.size() < kConversationsOpenedMax) {
        auto read = std::make_unique<v1::ListConversationPartsRequest>();
        read->set_app_id(request_.app_id());
        read->set_conversation_id(conversation.id());
        read->set_page_size(kPartsRead);
        reads_.push_back(std::move(read));
      } else {
        others_ = others_ || absl::FromUnixSeconds(conversation.created()) >=
                                 lost_.sent_at - kClockSkewMax;
      }
    }
    Conclude();
  }

  void Weigh(const v1::ConversationPart& part) {
    if (part.type() != "reply_user") return;
    if (part.random_id() != 0 && part.random_id() == request_.random_id()) {
      sure_ = part.conversation();
    } else if (part.random_id() != 0 || absl::FromUnixSeconds(part.created()) <
                                            lost_.sent_at - kClockSkewMax) {
      return;
    } else if (part.body() == request_.body()) {
      same_text_.push_back(part.conversation());
    } else {
      others_ = true;
    }
  }

  void Conclude() {
    uint64_t found = sure_;
    if (found == 0 && reads_.empty()) {
      if (same_text_.size() == 1) found = same_text_[0];
      verdict_ =
          same_text_.empty() && !others_ ? Verdict::kAbsent : Verdict::kUnclear;
    }
    if (found == 0) return;
    verdict_ = Verdict::kFound;
    auto response = std::make_unique<v1::StartConversationResponse>();
    response->set_id(found);
    response_ = std::move(response);
  }

  const v1::StartConversationRequest& request_;
  const LostSend lost_;
  std::deque<std::unique_ptr<Message>> reads_;
  uint64_t sure_ = 0;                // A conversation with the random id.
  std::vector<uint64_t> same_text_;  // Conversations.
  bool others_ = false;
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
    return std::make_unique<LostConversation>(*started, lost);
  }
  return nullptr;
}

}  // namespace chatgate
