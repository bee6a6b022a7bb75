#include "client/responder/reply_template.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace chatgate {
namespace {

constexpr size_t kPlaceBytesMax = 1'000;
constexpr size_t kTextBytesMax = 64 << 10;
constexpr absl::string_view kEventPrefix = "event.";
constexpr std::array<absl::string_view, 8> kFields = {
    "text", "lead", "conversation", "app", "channel", "assignee", "id", "time"};

bool IsName(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '_' &&
        c != '.') {
      return false;
    }
  }
  return !text.empty();
}

bool IsField(absl::string_view name) {
  for (const absl::string_view field : kFields) {
    if (name == field) return true;
  }
  return false;
}

std::string NumberOrNothing(uint64_t number) {
  return number == 0 ? "" : absl::StrCat(number);
}

std::string FieldOf(const v1::Event& event, absl::string_view name) {
  const v1::ConversationPart& part = event.dashly_conversation().conversation();
  if (name == "text") return part.body();
  if (name == "lead") return NumberOrNothing(part.sender().user_id());
  if (name == "conversation") return absl::StrCat(part.conversation());
  if (name == "app") return absl::StrCat(event.app_id());
  if (name == "channel") return part.channel().name();
  if (name == "assignee") return part.assignee().name();
  if (name == "id") return event.id();
  return absl::FormatTime(
      "%Y-%m-%d%ET%H:%M:%SZ",
      absl::FromUnixSeconds(event.received_time().seconds()),
      absl::UTCTimeZone());
}

// At most so many bytes, and no half character at the end.
absl::string_view Cut(absl::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (text[bytes_max] & 0xc0) == 0x80) --bytes_max;
  return text.substr(0, bytes_max);
}

std::string Tame(absl::string_view text) {
  std::string tame;
  for (const char c : Cut(text, kPlaceBytesMax)) {
    tame += absl::ascii_iscntrl(static_cast<unsigned char>(c)) ? ' ' : c;
  }
  return tame;
}

}  // namespace

ReplyTemplate::ReplyTemplate(absl::string_view text) : pieces_(1) {
  while (!text.empty()) {
    if (absl::StartsWith(text, "{{") || absl::StartsWith(text, "}}")) {
      pieces_.back().text += text[0];
      text.remove_prefix(2);
      continue;
    }
    const size_t close = text[0] == '{' ? text.find('}') : 0;
    if (close != 0 && close != absl::string_view::npos) {
      const absl::string_view inside = text.substr(1, close - 1);
      const size_t bar = std::min(inside.find('|'), inside.size());
      if (IsName(inside.substr(0, bar))) {
        pieces_.back().name = std::string(inside.substr(0, bar));
        if (bar < inside.size()) {
          pieces_.back().otherwise = std::string(inside.substr(bar + 1));
        }
        pieces_.emplace_back();
        text.remove_prefix(close + 1);
        continue;
      }
    }
    pieces_.back().text += text[0];
    text.remove_prefix(1);
  }
}

std::vector<std::string> ReplyTemplate::captures() const {
  std::vector<std::string> names;
  for (const Piece& piece : pieces_) {
    if (!piece.name.empty() && !absl::StartsWith(piece.name, kEventPrefix)) {
      names.push_back(piece.name);
    }
  }
  return names;
}

std::vector<std::string> ReplyTemplate::unknown_fields() const {
  std::vector<std::string> names;
  for (const Piece& piece : pieces_) {
    if (absl::StartsWith(piece.name, kEventPrefix) &&
        !IsField(absl::string_view(piece.name).substr(kEventPrefix.size()))) {
      names.push_back(piece.name);
    }
  }
  return names;
}

std::string ReplyTemplate::Fill(const Captures& captures,
                                const v1::Event& event) const {
  std::string filled;
  for (const Piece& piece : pieces_) {
    filled += piece.text;
    if (piece.name.empty()) continue;
    std::string value;
    if (absl::StartsWith(piece.name, kEventPrefix)) {
      value = FieldOf(
          event, absl::string_view(piece.name).substr(kEventPrefix.size()));
    } else if (const auto found = captures.find(piece.name);
               found != captures.end()) {
      value = found->second;
    }
    absl::StrAppend(&filled, value.empty() ? piece.otherwise : Tame(value));
  }
  return std::string(Cut(filled, kTextBytesMax));
}

}  // namespace chatgate
