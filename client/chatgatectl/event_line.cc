#include "client/chatgatectl/event_line.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/chatgatectl/terminal.h"
#include "client/printable.h"

namespace chatgate {
namespace {

// Who did something, and what.
struct Deed {
  std::string who;
  std::string what;
};

std::string NameOf(const v1::Sender& sender) {
  switch (sender.kind_case()) {
    case v1::Sender::kUserId:
      return absl::StrCat("lead ", sender.user_id());
    case v1::Sender::kAdmin:
      return sender.admin().name().empty()
                 ? absl::StrCat("admin ", sender.admin().id())
                 : sender.admin().name();
    case v1::Sender::kMessageSender:
      return sender.message_sender().name();
    case v1::Sender::KIND_NOT_SET:
      return "someone";
  }
  return "someone";
}

Deed Describe(const v1::ConversationPart& part) {
  std::string what = part.body();
  if (part.type() != "reply_user" && part.type() != "reply_admin") {
    what = absl::StrCat("[", part.type(), "] ", what);
  }
  if (part.attachments_size() > 0) {
    absl::StrAppend(&what, " [", part.attachments_size(), " files]");
  }
  return {NameOf(part.sender()), what};
}

std::string NameOf(const v1::ChatlioVisitor& visitor) {
  if (!visitor.name().empty()) return visitor.name();
  return visitor.email().empty() ? visitor.uuid() : visitor.email();
}

Deed Describe(const v1::Event& event) {
  switch (event.payload_case()) {
    case v1::Event::kDashlyConversation:
      return Describe(event.dashly_conversation().conversation());
    case v1::Event::kDashlyEvent:
      return {absl::StrCat("lead ", event.dashly_event().user_id()),
              absl::StrCat("[event] ", event.dashly_event().event_name())};
    case v1::Event::kDashlyMessageWebhook:
      return {absl::StrCat("lead ", event.dashly_message_webhook().user_id()),
              absl::StrCat("[message webhook] ",
                           event.dashly_message_webhook().message_name())};
    case v1::Event::kChatlioTranscript:
      return {event.chatlio_transcript().visitor_name(),
              absl::StrCat("[transcript] ",
                           event.chatlio_transcript().messages_size(),
                           " messages")};
    case v1::Event::kChatlioOfflineMessage:
      return {NameOf(event.chatlio_offline_message().visitor()),
              absl::StrCat("[offline] ",
                           event.chatlio_offline_message().message())};
    case v1::Event::kChatlioConversationStarted:
      return {NameOf(event.chatlio_conversation_started().visitor()),
              absl::StrCat("[started] ",
                           event.chatlio_conversation_started().message())};
    case v1::Event::kChatlioUnanswered:
      return {
          NameOf(event.chatlio_unanswered().visitor()),
          absl::StrCat("[unanswered] ", event.chatlio_unanswered().message())};
    case v1::Event::kChatlioFeedback:
      return {NameOf(event.chatlio_feedback().visitor()),
              absl::StrCat("[feedback] ", event.chatlio_feedback().message())};
    case v1::Event::kUnrecognized:
      return {event.unrecognized().hook(),
              absl::StrCat("[unrecognized] ", event.unrecognized().reason())};
    case v1::Event::kConversationTyping:
      return {NameOf(event.conversation_typing().sender()),
              absl::StrCat("[typing] ", event.conversation_typing().body())};
    case v1::Event::kConversationRead:
      return {absl::StrCat("lead ", event.conversation_read().user()),
              "[read]"};
    case v1::Event::PAYLOAD_NOT_SET:
      return {"someone", "[a kind of event that is newer than this program]"};
  }
  return {"someone", ""};
}

}  // namespace

std::string EventLine(const v1::Event& event) {
  const absl::Time received =
      absl::FromUnixSeconds(event.received_time().seconds()) +
      absl::Nanoseconds(event.received_time().nanos());
  const Deed deed = Describe(event);
  const std::string time =
      absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ", received, absl::UTCTimeZone());
  return absl::StrCat(
      Coloured(Colour::kDim, time), " ",
      Coloured(Colour::kCyan, event.conversation().empty()
                                  ? "-"
                                  : Printable(event.conversation())),
      " ", Coloured(Colour::kBold, Printable(deed.who)), ": ",
      Printable(deed.what));
}

}  // namespace chatgate
