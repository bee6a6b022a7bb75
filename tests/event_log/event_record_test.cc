#include "server/event_log/event_record.h"

#include <set>

#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

TEST(TraitsTest, PartTellsItsLeadDirectionAndType) {
  v1::Event event;
  event.set_app_id(777);
  event.set_conversation("dashly:5");
  v1::ConversationPart& part =
      *event.mutable_dashly_conversation()->mutable_conversation();
  part.set_user(18446744073709551615u);
  part.mutable_sender()->mutable_admin()->set_id(111);
  part.set_direction("a2u");
  part.set_type("reply_admin");
  const EventTraits traits = TraitsOf(event);
  EXPECT_EQ(traits.app_id, 777u);
  EXPECT_EQ(traits.kind, v1::EVENT_KIND_DASHLY_CONVERSATION);
  EXPECT_EQ(traits.conversation, "dashly:5");
  EXPECT_EQ(traits.user_id, "18446744073709551615");
  EXPECT_EQ(traits.direction, "a2u");
  EXPECT_EQ(traits.part_type, "reply_admin");
}

// Bodies of 2017 have no `user`: the lead is known from their own parts alone.
TEST(TraitsTest, PartWithoutUserTakesItsSender) {
  v1::Event event;
  event.mutable_dashly_conversation()
      ->mutable_conversation()
      ->mutable_sender()
      ->set_user_id(42);
  EXPECT_EQ(TraitsOf(event).user_id, "42");
}

TEST(TraitsTest, PartOfAnOperatorWithoutUserHasNoLead) {
  v1::Event event;
  event.mutable_dashly_conversation()
      ->mutable_conversation()
      ->mutable_sender()
      ->mutable_admin()
      ->set_id(111);
  EXPECT_EQ(TraitsOf(event).user_id, "");
}

TEST(TraitsTest, DashlyEventsTellTheirLead) {
  v1::Event event;
  event.mutable_dashly_event()->set_user_id(5);
  EXPECT_EQ(TraitsOf(event).user_id, "5");
  event.mutable_dashly_message_webhook()->set_user_id(6);
  EXPECT_EQ(TraitsOf(event).user_id, "6");
}

TEST(TraitsTest, ChatlioHooksTellTheirVisitor) {
  v1::Event event;
  event.mutable_chatlio_transcript()->mutable_visitor()->set_uuid("a");
  EXPECT_EQ(TraitsOf(event).user_id, "a");
  event.mutable_chatlio_offline_message()->mutable_visitor()->set_uuid("b");
  EXPECT_EQ(TraitsOf(event).user_id, "b");
  event.mutable_chatlio_conversation_started()->mutable_visitor()->set_uuid(
      "c");
  EXPECT_EQ(TraitsOf(event).user_id, "c");
  event.mutable_chatlio_unanswered()->mutable_visitor()->set_uuid("d");
  EXPECT_EQ(TraitsOf(event).user_id, "d");
  event.mutable_chatlio_feedback()->mutable_visitor()->set_uuid("e");
  EXPECT_EQ(TraitsOf(event).user_id, "e");
}

TEST(TraitsTest, TypingAndReadTellTheirLead) {
  v1::Event event;
  event.mutable_conversation_typing()->mutable_sender()->set_user_id(8);
  EXPECT_EQ(TraitsOf(event).user_id, "8");
  event.mutable_conversation_read()->set_user(9);
  EXPECT_EQ(TraitsOf(event).user_id, "9");
}

// A payload that the switch forgets would match no filter.
TEST(TraitsTest, EveryPayloadHasAKindOfItsOwn) {
  const auto* payload = v1::Event::descriptor()->FindOneofByName("payload");
  std::set<v1::EventKind> kinds;
  for (int i = 0; i < payload->field_count(); ++i) {
    v1::Event event;
    event.GetReflection()->MutableMessage(&event, payload->field(i));
    const v1::EventKind kind = TraitsOf(event).kind;
    EXPECT_NE(kind, v1::EVENT_KIND_UNSPECIFIED) << payload->field(i)->name();
    kinds.insert(kind);
  }
  EXPECT_EQ(kinds.size(), static_cast<size_t>(payload->field_count()));
}

TEST(TraitsTest, EventWithoutPayloadHasNoKind) {
  EXPECT_EQ(TraitsOf(v1::Event()).kind, v1::EVENT_KIND_UNSPECIFIED);
}

}  // namespace
}  // namespace chatgate
