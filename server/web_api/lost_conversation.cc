#include "server/web_api/lost_conversation.h"

#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/web_api/lost_reach.h"

namespace chatgate {
namespace {

using google::protobuf::Message;

// Conversations of the time in question whose parts are read, too.
constexpr size_t kConversationsOpenedMax = 3;
// How far back a conversation whose parts have random ids is looked at.
constexpr absl::Duration kUnknownClockMax = absl::Hours(24);

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
    if (const auto* parts =
            dynamic_cast<const v1::ListConversationPartsRequest*>(read.get())) {
      asked_ = *parts;
    }
    return read;
  }

  void Take(const absl::Status& status, const Message* response) override {
    // Also a lead that nobody knows: the call would have made it.
    if (absl::IsNotFound(status) && asked_.conversation_id() == 0) {
      verdict_ = Verdict::kAbsent;
    }
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
      TakeParts(*parts);
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
          !MayBeIt(conversation)) {
        continue;
      }
      if (conversation.parts_count() <= 1) {
        v1::ConversationPart part = conversation.part_last();
        part.set_conversation(conversation.id());
        if (part.created() == 0) part.set_created(conversation.created());
        Weigh(part, IsOfTheTime(conversation));
      } else if (reads_.size() < kConversationsOpenedMax) {
        auto read = std::make_unique<v1::ListConversationPartsRequest>();
        read->set_app_id(request_.app_id());
        read->set_conversation_id(conversation.id());
        read->set_page_size(kPartsRead);
        reads_.push_back(std::move(read));
        if (IsOfTheTime(conversation)) {
          of_time_.insert(conversation.id());
        }
      } else {
        others_ = others_ || IsOfTime(lost_, conversation.created());
      }
    }
    // What is behind the page may be it. It is not read: conversations change
    // their places meanwhile.
    others_ = others_ || MayGoOn(lost_, list);
    Conclude();
  }

  bool IsOfTheTime(const v1::Conversation& conversation) const {
    return conversation.created() == 0 ||
           IsOfTime(lost_, conversation.created());
  }

  // Even where nothing is known of the platform's clock, a day apart is enough:
  // a random id of its own needs no clock.
  bool MayBeIt(const v1::Conversation& conversation) const {
    if (!lost_.random_id_is_unique) {
      return IsOfTime(lost_, conversation.created());
    }
    return conversation.created() == 0 ||
           absl::FromUnixSeconds(conversation.created()) >=
               lost_.sent_at() - kUnknownClockMax;
  }

  void TakeParts(const v1::ListConversationPartsResponse& page) {
    ++pages_;
    const bool is_of_time = of_time_.contains(asked_.conversation_id());
    for (const v1::ConversationPart& part : page.parts()) {
      Weigh(part, is_of_time);
    }
    if (MayGoOn(lost_, page)) {
      if (pages_ < kPartsPagesMax) {
        auto read = std::make_unique<v1::ListConversationPartsRequest>(asked_);
        read->set_page_token(page.next_page_token());
        reads_.push_front(std::move(read));
      } else {
        others_ = true;
      }
    }
    Conclude();
  }

  // A part of a conversation that was, or was not, begun at the time in
  // question. In an older one the lead, or another call, has only gone on.
  void Weigh(const v1::ConversationPart& part, bool is_of_time) {
    if (part.type() != "reply_user" || lost_.claimed(part.id())) return;
    if (part.random_id() != 0 && part.random_id() == request_.random_id()) {
      sure_ = part.conversation();
    } else if (part.random_id() != 0 || !is_of_time ||
               !IsOfTime(lost_, part.created())) {
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
  v1::ListConversationPartsRequest asked_;  // The last such read.
  int pages_ = 0;                           // Of parts, that were read.
  uint64_t sure_ = 0;                // A conversation with the random id.
  std::set<uint64_t> of_time_;       // Conversations whose parts are read.
  std::vector<uint64_t> same_text_;  // Conversations.
  bool others_ = false;
};

}  // namespace

std::unique_ptr<LostAnswer> LookForConversation(
    const v1::StartConversationRequest& request, const LostSend& lost) {
  return std::make_unique<LostConversation>(request, lost);
}

}  // namespace chatgate
