#include "tests/bench/sample_event.h"

#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

constexpr uint64_t kConversation = 64558819;
constexpr int64_t kWhen = 1492604036;

}  // namespace

const std::string& SampleWords() {
  static const std::string* const kWords = [] {
    auto* words = new std::string;
    while (words->size() < 300) {
      *words += "Good morning, when will my order number 1024 be delivered? ";
    }
    words->resize(300);
    return words;
  }();
  return *kWords;
}

v1::Event SampleEvent(uint64_t id) {
  v1::Event event;
  event.set_app_id(777);
  event.set_source(v1::EVENT_SOURCE_DASHLY);
  event.set_conversation(absl::StrCat("dashly:", kConversation));
  event.mutable_occurred_time()->set_seconds(kWhen);
  v1::ConversationPart& part =
      *event.mutable_dashly_conversation()->mutable_conversation();
  part.set_id(id);
  part.set_conversation(kConversation);
  part.set_created(kWhen);
  part.set_body(SampleWords());
  part.set_type("reply_user");
  part.set_sent_via("web_user");
  part.set_direction("u2a");
  part.set_random_id(132466821);
  part.set_user(85648207);
  part.set_conversation_closed(false);
  part.mutable_assignee()->set_id(111);
  part.mutable_assignee()->set_name("inkov");
  part.mutable_assignee()->set_avatar(
      "https://files.example.com/avatars/default-v2.png");
  return event;
}

std::string SampleEventWithoutSeq() {
  v1::Event event = SampleEvent(1'000'000);
  event.set_cursor(std::string(28, 'c'));
  event.set_id(std::string(28, 'i'));
  event.mutable_received_time()->set_seconds(kWhen);
  event.mutable_received_time()->set_nanos(123'456'000);
  return event.SerializeAsString();
}

std::string SamplePartJson(uint64_t id, uint64_t conversation) {
  return absl::StrCat(
      R"({"direction": "u2a", "conversation_closed": false, "conversation_tags": [], )",
      R"("type": "reply_user", "id": )", id, R"(, "body": ")", SampleWords(),
      R"(", "assignee": null, "sent_via": "web_user", "created": 1492604036, )",
      R"("random_id": 132466821, "conversation": )", conversation,
      R"(, "from": 85648207})");
}

}  // namespace chatgate
