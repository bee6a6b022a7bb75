#include "server/platform/events.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/event_log/event_log.h"

namespace chatgate::platform {

namespace {

std::string ConversationText(uint64_t id) {
  return absl::StrCat("dashly:", id);
}

// The platform's own ids never repeat, so that its events need no key.
absl::Status AppendEvent(WriteContext& context, v1::Event event,
                         absl::Time occurred) {
  event.set_app_id(context.app.id);
  event.set_source(v1::EVENT_SOURCE_EMBEDDED);
  // By way of seconds: nanoseconds alone end in the year 2262.
  const int64_t seconds = absl::ToUnixSeconds(occurred);
  event.mutable_occurred_time()->set_seconds(seconds);
  event.mutable_occurred_time()->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(occurred - absl::FromUnixSeconds(seconds))));
  NewEvent added;
  added.event = std::move(event);
  return context.log.AppendInTransaction(context.transaction, std::move(added))
      .status();
}

}  // namespace

absl::Status AppendPartEvent(WriteContext& context,
                             const ConversationRow& conversation,
                             const v1::ConversationPart& part) {
  const v1::Conversation& state = conversation.state;
  v1::Event event;
  event.set_conversation(ConversationText(state.id()));
  v1::ConversationPart& told =
      *event.mutable_dashly_conversation()->mutable_conversation();
  told = part;
  if (conversation.lead_id != 0) told.set_user(conversation.lead_id);
  if (state.has_assignee()) *told.mutable_assignee() = state.assignee();
  if (state.has_channel()) *told.mutable_channel() = state.channel();
  told.set_conversation_closed(state.closed());
  *told.mutable_conversation_tags() = state.tags();
  told.set_conversation_last_update(conversation.last_update / 1'000'000);
  told.set_conversation_replied(state.replied());
  told.set_conversation_admin_unread_count(state.admin_unread_count());
  if (state.has_last_user_reply_time()) {
    told.set_conversation_last_user_reply_time(state.last_user_reply_time());
  }
  told.set_conversation_type(state.type());
  told.set_conversation_not_answered_admin_replies(
      state.not_answered_admin_replies());
  return AppendEvent(context, std::move(event), context.now);
}

absl::Status AppendTyping(WriteContext& context,
                          v1::ConversationTyping typing) {
  v1::Event event;
  event.set_conversation(ConversationText(typing.conversation()));
  *event.mutable_conversation_typing() = std::move(typing);
  return AppendEvent(context, std::move(event), context.now);
}

absl::Status AppendRead(WriteContext& context,
                        const ConversationRow& conversation) {
  v1::Event event;
  event.set_conversation(ConversationText(conversation.state.id()));
  event.mutable_conversation_read()->set_conversation(conversation.state.id());
  event.mutable_conversation_read()->set_user(conversation.lead_id);
  return AppendEvent(context, std::move(event), context.now);
}

absl::Status AppendUserEvent(WriteContext& context, v1::User user,
                             v1::UserEvent user_event) {
  v1::Event event;
  const absl::Time occurred = absl::FromUnixSeconds(user_event.created());
  v1::DashlyEvent& told = *event.mutable_dashly_event();
  told.set_user_id(user.id());
  told.set_event_name(user_event.type().name());
  told.set_event_id(user_event.id());
  *told.mutable_user() = std::move(user);
  *told.mutable_event() = std::move(user_event);
  return AppendEvent(context, std::move(event), occurred);
}

}  // namespace chatgate::platform
