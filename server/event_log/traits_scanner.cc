#include "server/event_log/traits_scanner.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
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

class Level;

struct Field {
  int number;
  Use use;
  const Level* inside = nullptr;                    // Of kEnter.
  v1::EventKind kind = v1::EVENT_KIND_UNSPECIFIED;  // Of a payload.
};

bool IsNumber(Use use) {
  return use == Use::kAppId || use == Use::kUser || use == Use::kSender;
}

// The fields of a message that are of use, by their numbers.
class Level {
 public:
  constexpr Level() = default;
  constexpr Level(std::initializer_list<Field> fields) {
    for (const Field& field : fields) {
      fields_[static_cast<size_t>(field.number)] = field;
    }
  }

  // Null where a field is of no use, or written otherwise than we know it.
  const Field* Find(uint32_t tag) const {
    const auto number =
        static_cast<size_t>(WireFormatLite::GetTagFieldNumber(tag));
    if (number >= fields_.size() || fields_[number].number == 0) return nullptr;
    const auto type = IsNumber(fields_[number].use)
                          ? WireFormatLite::WIRETYPE_VARINT
                          : WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    return WireFormatLite::GetTagWireType(tag) == type ? &fields_[number]
                                                       : nullptr;
  }

 private:
  // A number that does not fit ends the compilation.
  std::array<Field, 64> fields_ = {};
};

constexpr Level kNothing;
constexpr Level kSender = {{v1::Sender::kUserIdFieldNumber, Use::kSender}};
constexpr Level kPart = {
    {v1::ConversationPart::kUserFieldNumber, Use::kUser},
    {v1::ConversationPart::kSenderFieldNumber, Use::kEnter, &kSender},
    {v1::ConversationPart::kDirectionFieldNumber, Use::kDirection},
    {v1::ConversationPart::kTypeFieldNumber, Use::kPartType}};
constexpr Level kDashlyConversation = {
    {v1::DashlyConversation::kConversationFieldNumber, Use::kEnter, &kPart}};
constexpr Level kDashlyEvent = {
    {v1::DashlyEvent::kUserIdFieldNumber, Use::kUser}};
constexpr Level kMessageWebhook = {
    {v1::DashlyMessageWebhook::kUserIdFieldNumber, Use::kUser}};
constexpr Level kVisitor = {
    {v1::ChatlioVisitor::kUuidFieldNumber, Use::kVisitor}};
constexpr Level kTranscript = {
    {v1::ChatlioTranscript::kVisitorFieldNumber, Use::kEnter, &kVisitor}};
constexpr Level kOfflineMessage = {
    {v1::ChatlioOfflineMessage::kVisitorFieldNumber, Use::kEnter, &kVisitor}};
constexpr Level kStarted = {
    {v1::ChatlioConversationStarted::kVisitorFieldNumber, Use::kEnter,
     &kVisitor}};
constexpr Level kUnanswered = {
    {v1::ChatlioUnanswered::kVisitorFieldNumber, Use::kEnter, &kVisitor}};
constexpr Level kFeedback = {
    {v1::ChatlioFeedback::kVisitorFieldNumber, Use::kEnter, &kVisitor}};
constexpr Level kTyping = {
    {v1::ConversationTyping::kUserFieldNumber, Use::kUser},
    {v1::ConversationTyping::kSenderFieldNumber, Use::kEnter, &kSender}};
constexpr Level kRead = {{v1::ConversationRead::kUserFieldNumber, Use::kUser}};

constexpr Level kEvent = {
    {v1::Event::kAppIdFieldNumber, Use::kAppId},
    {v1::Event::kConversationFieldNumber, Use::kConversation},
    {v1::Event::kDashlyConversationFieldNumber, Use::kEnter,
     &kDashlyConversation, v1::EVENT_KIND_DASHLY_CONVERSATION},
    {v1::Event::kDashlyEventFieldNumber, Use::kEnter, &kDashlyEvent,
     v1::EVENT_KIND_DASHLY_EVENT},
    {v1::Event::kDashlyMessageWebhookFieldNumber, Use::kEnter, &kMessageWebhook,
     v1::EVENT_KIND_DASHLY_MESSAGE_WEBHOOK},
    {v1::Event::kChatlioTranscriptFieldNumber, Use::kEnter, &kTranscript,
     v1::EVENT_KIND_CHATLIO_TRANSCRIPT},
    {v1::Event::kChatlioOfflineMessageFieldNumber, Use::kEnter,
     &kOfflineMessage, v1::EVENT_KIND_CHATLIO_OFFLINE_MESSAGE},
    {v1::Event::kChatlioConversationStartedFieldNumber, Use::kEnter, &kStarted,
     v1::EVENT_KIND_CHATLIO_CONVERSATION_STARTED},
    {v1::Event::kChatlioUnansweredFieldNumber, Use::kEnter, &kUnanswered,
     v1::EVENT_KIND_CHATLIO_UNANSWERED},
    {v1::Event::kChatlioFeedbackFieldNumber, Use::kEnter, &kFeedback,
     v1::EVENT_KIND_CHATLIO_FEEDBACK},
    {v1::Event::kUnrecognizedFieldNumber, Use::kEnter, &kNothing,
     v1::EVENT_KIND_UNRECOGNIZED},
    {v1::Event::kConversationTypingFieldNumber, Use::kEnter, &kTyping,
     v1::EVENT_KIND_CONVERSATION_TYPING},
    {v1::Event::kConversationReadFieldNumber, Use::kEnter, &kRead,
     v1::EVENT_KIND_CONVERSATION_READ}};

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
  bool Message(const Level& level) {
    while (const uint32_t tag = input_.ReadTag()) {
      const Field* const field = level.Find(tag);
      const bool good = field == nullptr
                            ? WireFormatLite::SkipField(&input_, tag)
                            : Take(*field);
      if (!good) return false;
    }
    return input_.ConsumedEntireMessage();
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
    const bool good = Message(*field.inside);
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
