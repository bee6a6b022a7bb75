#include "tests/bench/sample_event.h"

#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

constexpr uint64_t kConversation = 64558819;
constexpr int64_t kWhen = 1492604036;

// Words of 300 bytes, as people write them.
std::string Words() {
  std::string words;
  while (words.size() < 300) {
    words += "Good morning, when will my order number 1024 be delivered? ";
  }
  words.resize(300);
  return words;
}

}  // namespace

v1::Event SampleEvent(uint64_t id) {
  static const std::string words = Words();
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
  part.set_body(words);
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
  static const std::string words = Words();
  return absl::StrCat(
      R"({"direction": "u2a", "conversation_closed": false, "conversation_tags": [], )",
      R"("type": "reply_user", "id": )", id, R"(, "body": ")", words,
      R"(", "assignee": null, "sent_via": "web_user", "created": 1492604036, )",
      R"("random_id": 132466821, "conversation": )", conversation,
      R"(, "from": 85648207})");
}

}  // namespace chatgate
