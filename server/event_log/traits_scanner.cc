#include "server/event_log/traits_scanner.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace chatgate {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// What a field is to us.
enum class Use {
  kAppId,
  kConversation,
  kUser,     // A lead's number.
  kSender,   // One that counts where there is no kUser.
  kVisitor,  // A visitor's text.
  kDirection,
  kPartType,
  kEnter,  // A message with such fields.
};

struct Field {
  int number;
  Use use;
  absl::Span<const Field> inside = {};
  v1::EventKind kind = v1::EVENT_KIND_UNSPECIFIED;  // Of a payload.
};

constexpr Field kSender[] = {{v1::Sender::kUserIdFieldNumber, Use::kSender}};
constexpr Field kPart[] = {
    {v1::ConversationPart::kUserFieldNumber, Use::kUser},
    {v1::ConversationPart::kSenderFieldNumber, Use::kEnter, kSender},
    {v1::ConversationPart::kDirectionFieldNumber, Use::kDirection},
    {v1::ConversationPart::kTypeFieldNumber, Use::kPartType}};
constexpr Field kDashlyConversation[] = {
    {v1::DashlyConversation::kConversationFieldNumber, Use::kEnter, kPart}};
constexpr Field kDashlyEvent[] = {
    {v1::DashlyEvent::kUserIdFieldNumber, Use::kUser}};
constexpr Field kMessageWebhook[] = {
    {v1::DashlyMessageWebhook::kUserIdFieldNumber, Use::kUser}};
constexpr Field kVisitor[] = {
    {v1::ChatlioVisitor::kUuidFieldNumber, Use::kVisitor}};
constexpr Field kTranscript[] = {
    {v1::ChatlioTranscript::kVisitorFieldNumber, Use::kEnter, kVisitor}};
constexpr Field kOfflineMessage[] = {
    {v1::ChatlioOfflineMessage::kVisitorFieldNumber, Use::kEnter, kVisitor}};
constexpr Field kStarted[] = {
    {v1::ChatlioConversationStarted::kVisitorFieldNumber, Use::kEnter,
     kVisitor}};
constexpr Field kUnanswered[] = {
    {v1::ChatlioUnanswered::kVisitorFieldNumber, Use::kEnter, kVisitor}};
constexpr Field kFeedback[] = {
    {v1::ChatlioFeedback::kVisitorFieldNumber, Use::kEnter, kVisitor}};
constexpr Field kTyping[] = {
    {v1::ConversationTyping::kSenderFieldNumber, Use::kEnter, kSender}};
constexpr Field kRead[] = {
    {v1::ConversationRead::kUserFieldNumber, Use::kUser}};

constexpr Field kEvent[] = {
    {v1::Event::kAppIdFieldNumber, Use::kAppId},
    {v1::Event::kConversationFieldNumber, Use::kConversation},
    {v1::Event::kDashlyConversationFieldNumber, Use::kEnter,
     kDashlyConversation, v1::EVENT_KIND_DASHLY_CONVERSATION},
    {v1::Event::kDashlyEventFieldNumber, Use::kEnter, kDashlyEvent,
     v1::EVENT_KIND_DASHLY_EVENT},
    {v1::Event::kDashlyMessageWebhookFieldNumber, Use::kEnter, kMessageWebhook,
     v1::EVENT_KIND_DASHLY_MESSAGE_WEBHOOK},
    {v1::Event::kChatlioTranscriptFieldNumber, Use::kEnter, kTranscript,
     v1::EVENT_KIND_CHATLIO_TRANSCRIPT},
    {v1::Event::kChatlioOfflineMessageFieldNumber, Use::kEnter, kOfflineMessage,
     v1::EVENT_KIND_CHATLIO_OFFLINE_MESSAGE},
    {v1::Event::kChatlioConversationStartedFieldNumber, Use::kEnter, kStarted,
     v1::EVENT_KIND_CHATLIO_CONVERSATION_STARTED},
    {v1::Event::kChatlioUnansweredFieldNumber, Use::kEnter, kUnanswered,
     v1::EVENT_KIND_CHATLIO_UNANSWERED},
    {v1::Event::kChatlioFeedbackFieldNumber, Use::kEnter, kFeedback,
     v1::EVENT_KIND_CHATLIO_FEEDBACK},
    {v1::Event::kUnrecognizedFieldNumber,
     Use::kEnter,
     {},
     v1::EVENT_KIND_UNRECOGNIZED},
    {v1::Event::kConversationTypingFieldNumber, Use::kEnter, kTyping,
     v1::EVENT_KIND_CONVERSATION_TYPING},
    {v1::Event::kConversationReadFieldNumber, Use::kEnter, kRead,
     v1::EVENT_KIND_CONVERSATION_READ}};

bool IsNumber(Use use) {
  return use == Use::kAppId || use == Use::kUser || use == Use::kSender;
}

// Reads what is before it, and fills the traits.
class Scan {
 public:
  Scan(absl::string_view stored)  // NOLINT: made where it is used.
      : input_(reinterpret_cast<const uint8_t*>(stored.data()),
               static_cast<int>(stored.size())) {}

  bool Run() {
    if (!Message(kEvent)) return false;
    // Platforms write 0, or nothing, where they know no lead.
    const uint64_t id = user_ != 0 ? user_ : sender_;
    if (id != 0) traits_.user_id = absl::StrCat(id);
    return true;
  }

  EventTraits Take() { return std::move(traits_); }

 private:
  bool Message(absl::Span<const Field> fields) {
    while (const uint32_t tag = input_.ReadTag()) {
      const Field* field = Find(fields, tag);
      const bool good = field == nullptr
                            ? WireFormatLite::SkipField(&input_, tag)
                            : Take(*field);
      if (!good) return false;
    }
    return input_.ConsumedEntireMessage();
  }

  // Null where a field is of no use, or written otherwise than we know it.
  static const Field* Find(absl::Span<const Field> fields, uint32_t tag) {
    for (const Field& field : fields) {
      const auto type = IsNumber(field.use)
                            ? WireFormatLite::WIRETYPE_VARINT
                            : WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
      if (tag == WireFormatLite::MakeTag(field.number, type)) return &field;
    }
    return nullptr;
  }

  bool Take(const Field& field) {
    switch (field.use) {
      case Use::kAppId:
        return input_.ReadVarint64(&traits_.app_id);
      case Use::kUser:
        return input_.ReadVarint64(&user_);
      case Use::kSender:
        return input_.ReadVarint64(&sender_);
      case Use::kConversation:
        return Text(&traits_.conversation);
      case Use::kVisitor:
        return Text(&traits_.user_id);
      case Use::kDirection:
        return Text(&traits_.direction);
      case Use::kPartType:
        return Text(&traits_.part_type);
      case Use::kEnter:
        return Enter(field);
    }
    return false;
  }

  bool Text(std::string* text) {
    uint32_t size = 0;
    return input_.ReadVarint32(&size) &&
           input_.ReadString(text, static_cast<int>(size));
  }

  bool Enter(const Field& field) {
    if (field.kind != v1::EVENT_KIND_UNSPECIFIED) traits_.kind = field.kind;
    uint32_t size = 0;
    if (!input_.ReadVarint32(&size) || size > INT32_MAX) return false;
    const CodedInputStream::Limit outer =
        input_.PushLimit(static_cast<int>(size));
    // Cut where the limit is beyond the end.
    if (input_.BytesUntilLimit() < static_cast<int>(size)) return false;
    const bool good = Message(field.inside);
    input_.PopLimit(outer);
    return good;
  }

  CodedInputStream input_;
  EventTraits traits_;
  uint64_t user_ = 0;
  uint64_t sender_ = 0;
};

}  // namespace

std::optional<EventTraits> ScanTraits(absl::string_view stored) {
  Scan scan(stored);
  if (!scan.Run()) return std::nullopt;
  return scan.Take();
}

}  // namespace chatgate
