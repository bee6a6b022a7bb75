#include "tests/conformance/story.h"

#include <cctype>
#include <memory>

#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "server/backend/error_table.h"

namespace chatgate {
namespace {

using ::google::protobuf::Message;

// What the Web API answers to a call: the fields that are named, or an error.
struct Row {
  const char* method;
  const char* request;
  const char* response;    // Fields that are not named do not matter.
  const char* error = "";  // Name in the error table.
};

// One story, told in order to an empty app. The ids follow from it: lead @1,
// conversation @2, its first part @3, its group @4, where @ stands for the
// first id's predecessor.
constexpr Row kStory[] = {
    {"StartConversation",
     "user_id: 'site-9' by_user_id: true body: 'Hello' random_id: 7", "id: @2"},
    {"StartConversation", "user_id: '@1'", "", "ValidationError"},
    {"GetConversation", "conversation_id: @2",
     "conversation { id: @2 created: 1700000000 last_update: 1700000000"
     " user { id: @1 app: 777 user_id: 'site-9' presence: 'offline' }"
     " read: true replied: true type: 'popup_chat' reply_type: 'text'"
     " parts_count: 1 admin_unread_count: 1 user_unread_count: 0"
     " part_last { id: @3 conversation: @2 body: 'Hello' type: 'reply_user'"
     " sender { user_id: @1 } first: true random_id: 7 part_group: @4 } }"},
    {"GetConversation", "conversation_id: @5", "", "LookupError"},
    {"ReplyToConversation",
     "conversation_id: @2 body: 'Hi' from_admin: '111' random_id: 8",
     "part { id: @5 created: 1700000000 conversation: @2 body: 'Hi'"
     " direction: 'a2u' type: 'reply_admin' sent_via: 'api' random_id: 8"
     " sender { admin { id: 111 name: 'inkov' avatar: 'a.png' type: 'admin' } }"
     " part_group: @4 }"},
    {"ReplyToConversation", "conversation_id: @2 body: 'x' from_admin: '5'", "",
     "ValidationError"},
    {"ListConversationParts", "conversation_id: @2 page_size: 1",
     "parts { id: @5 body: 'Hi' read: false }"},
    {"ListConversationParts", "conversation_id: @2 page_token: '?'", "",
     "ValidationError"},
    {"MarkConversationRead", "conversation_id: @2", ""},
    {"MarkConversationRead", "conversation_id: 0", "", "ValidationError"},
    {"SetTyping", "conversation_id: @2 body: 'H'", ""},
    {"SetTyping", "conversation_id: @2 from_user: '@3'", "", "ValidationError"},
    {"AssignConversation", "conversation_id: @2 admin: 222",
     "id: @6 part_group: @4"},
    {"AssignConversation", "conversation_id: @2 admin: 222", ""},
    {"AssignConversation", "conversation_id: @2 admin: 5", "",
     "ValidationError"},
    {"TagConversation", "conversation_id: @2 action: 'add' tag: 'vip'",
     "id: @7 part_group: @4"},
    {"TagConversation", "conversation_id: @2 action: 'add' tag: 'a,b'", "",
     "ValidationError"},
    {"CloseConversation", "conversation_id: @2", "id: @8 part_group: @4"},
    {"CloseConversation", "conversation_id: @77", "", "LookupError"},
    {"ListConversations", "closed: true tags: 'vip' assigned: 222",
     "conversations { id: @2 closed: true tags: 'vip' parts_count: 5"
     " assignee { id: 222 name: 'Helen' } last_admin { id: 111 }"
     " unread_parts_count: 0 part_last { id: @8 type: 'closed' }"
     " user { id: @1 } }"},
    {"ListConversations", "page_size: -5", "", "ValidationError"},
    {"ListChannels", "",
     "channels { id: 5 name: 'Site' type: 'manual' operators { id: 111 }"
     " operators { id: 222 } }"},
    {"SetUserProps",
     "user_id: '@1' operations { op: 'update_or_create' key: '$name' value {"
     " string_value: 'Max' } } operations { op: 'add' key: '$x' value {"
     " number_value: 1 } }",
     "id: @1 app: 777 affected_props: '$name' ignored_operations { op: 'add'"
     " key: '$x' reason: 'no such system property' }"},
    {"SetUserProps", "user_id: '@1'", "", "ValidationError"},
    {"SetUserPresence", "user_id: '@1' presence: 'online'", ""},
    {"SetUserPresence", "user_id: '@1' presence: 'offline'", "",
     "ValidationError"},
    {"ListActiveUsers", "",
     "users { id: @1 presence: 'online' presence_details { fields {"
     " key: '$name' value { string_value: 'Max' } } fields {"
     " key: '$active_since' value { number_value: 1700000000 } } } }"},
    {"TrackUserEvent", "user_id: '@1' event: 'Bought' created: 1600000000",
     "event { id: @10 created: 1600000000 user: @1 type { id: @9 name: 'Bought'"
     " score: 0 visible: true active: true } }"},
    {"TrackUserEvent", "user_id: '@1'", "", "ValidationError"},
    {"ListUserEvents", "user_id: '@1'",
     "events { id: @10 created: 1600000000 type { name: 'Bought' } }"},
    {"ListUserEvents", "user_id: 'x' by_user_id: true", "", "LookupError"},
    {"GetUser", "user_id: 'site-9' by_user_id: true events: true",
     "user { id: @1 presence: 'online' props { fields { key: '$name' value {"
     " string_value: 'Max' } } } events { count: 1 first: 1600000000 } }"},
    {"GetUser", "user_id: 'x' by_user_id: true", "", "LookupError"},
    {"ListUsers",
     "filters { filters { type: 'known' property_name: '$name' } }",
     "total: 1 users { id: @1 }"},
    {"ListUsers", "sort_order: 'sideways'", "", "ValidationError"},
    {"SendMessage", "user_id: '@1' body: 'Sale'",
     "conversation: @12 message: @11"},
    {"SendMessage", "user_id: '@1' body: 'Sale' type: 'sms'", "",
     "ValidationError"},
    {"ListUserConversations", "user_id: '@1' page_size: 1",
     "conversations { id: @12 message: @11 replied: false read: false }"},
    {"ListUserConversations", "user_id: '@3'", "", "LookupError"},
};

std::unique_ptr<Message> New(const std::string& type) {
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
          "chatgate.v1." + type);
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(descriptor)
          ->New());
}

std::string WithIds(std::string text) {
  for (size_t at = text.find('@'); at != std::string::npos;
       at = text.find('@', at)) {
    size_t end = at + 1;
    while (end < text.size() && isdigit(text[end]) != 0) ++end;
    const std::string number = text.substr(at + 1, end - at - 1);
    text.replace(at, end - at,
                 std::to_string(1'000'000'000'000 + std::stoll(number)));
  }
  return text;
}

void Tell(const Row& row, const CallOfAForm& call) {
  const std::string method = row.method;
  const auto request = New(method + "Request");
  const auto response = New(method + "Response");
  const auto expected = New(method + "Response");
  using google::protobuf::TextFormat;
  ASSERT_TRUE(TextFormat::ParseFromString(WithIds(row.request), request.get()));
  ASSERT_TRUE(
      TextFormat::ParseFromString(WithIds(row.response), expected.get()));
  const absl::Status status = call(method, *request, response.get());
  EXPECT_EQ(ErrorName(status), row.error) << status;
  if (row.error[0] != '\0') return;

  google::protobuf::util::MessageDifferencer differencer;
  differencer.set_scope(google::protobuf::util::MessageDifferencer::PARTIAL);
  std::string difference;
  differencer.ReportDifferencesToString(&difference);
  EXPECT_TRUE(differencer.Compare(*expected, *response))
      << difference << response->DebugString();
}

}  // namespace

void TellStory(const CallOfAForm& call) {
  for (const Row& row : kStory) {
    SCOPED_TRACE(std::string(row.method) + " " + row.request);
    Tell(row, call);
  }
}

std::set<std::string> MethodsOfTheStory() {
  std::set<std::string> methods;
  for (const Row& row : kStory) methods.insert(row.method);
  return methods;
}

}  // namespace chatgate
