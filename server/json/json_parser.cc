#include "server/json/json_parser.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/mutex.h"
#include "server/base/utf8.h"

namespace chatgate {
namespace {

using simdjson::dom::element;

// A parser that has seen a longer text is dropped, so that one large body does
// not hold memory for ever: simdjson keeps up to fourteen times the text, and
// each thread has a parser.
constexpr size_t kKeptBytesMax = size_t{16} << 10;
// Of longer texts only a few are parsed at a time.
constexpr size_t kLargeBytes = size_t{32} << 10;
constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr absl::string_view kReplacementEscape = "\\ufffd";

bool IsBrokenText(simdjson::error_code error) {
  return error == simdjson::STRING_ERROR || error == simdjson::UTF8_ERROR ||
         error == simdjson::UNESCAPED_CHARS;
}

// The code unit of the `\uXXXX` at the beginning of `text`.
std::optional<uint32_t> CodeUnit(absl::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return {};
  uint32_t unit = 0;
  for (const char c : text.substr(2, 4)) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return {};
    unit = unit * 16 + (absl::ascii_isdigit(static_cast<unsigned char>(c))
                            ? c - '0'
                            : absl::ascii_tolower(c) - 'a' + 10);
  }
  return unit;
}

bool IsHighSurrogate(uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool IsLowSurrogate(uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

// Appends the escape at the beginning of `text`, repaired; returns its length.
size_t RepairEscape(absl::string_view text, std::string* out) {
  if (const std::optional<uint32_t> unit = CodeUnit(text)) {
    const std::optional<uint32_t> second = CodeUnit(text.substr(6));
    if (IsHighSurrogate(*unit) && second && IsLowSurrogate(*second)) {
      absl::StrAppend(out, text.substr(0, 12));
      return 12;
    }
    const bool lone = IsHighSurrogate(*unit) || IsLowSurrogate(*unit);
    absl::StrAppend(out, lone ? kReplacementEscape : text.substr(0, 6));
    return 6;
  }
  if (text.size() >= 2 && absl::StrContains("\"\\/bfnrt", text.substr(1, 1))) {
    absl::StrAppend(out, text.substr(0, 2));
    return 2;
  }
  absl::StrAppend(out, "\\\\");  // Means itself.
  return 1;
}

// simdjson needs up to fourteen times a text while it parses it: a few at a
// time, so that strangers with many large bodies cannot have all the memory.
class LargeTexts {
 public:
  void Enter() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (parsed_ >= kParsedMax) left_.Wait(mu_);
    ++parsed_;
  }
  void Leave() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    --parsed_;
    left_.Signal();
  }

 private:
  static constexpr int kParsedMax = 4;
  Mutex mu_;
  CondVar left_;
  int parsed_ ABSL_GUARDED_BY(mu_) = 0;
};

// Lives for ever: threads may parse until the process ends.
LargeTexts& AllLargeTexts() {
  static auto& texts = *new LargeTexts;
  return texts;
}

}  // namespace

struct JsonParser::Slot {
  simdjson::dom::parser parser;
  std::string padded;  // The text and simdjson's padding.
  size_t size = 0;

  simdjson::error_code Parse(absl::string_view json, element* root) {
    padded.reserve(json.size() + simdjson::SIMDJSON_PADDING);
    padded.assign(json.data(), json.size());
    padded.append(simdjson::SIMDJSON_PADDING, ' ');
    size = json.size();
    if (parser.max_depth() != kDepth) {
      const simdjson::error_code error = parser.allocate(1024, kDepth);
      if (error != simdjson::SUCCESS) return error;
    }
    return parser.parse(padded.data(), size, false).get(*root);
  }

  // Gives back what only a long text needs.
  void Shrink() {
    if (parser.capacity() > kKeptBytesMax) parser = simdjson::dom::parser();
    // By swapping: what is assigned to keeps its memory.
    if (padded.capacity() > 2 * kKeptBytesMax) std::string().swap(padded);
  }

 private:
  // simdjson counts from the value around the outermost container.
  static constexpr size_t kDepth = kJsonDepthMax + 1;
};

thread_local JsonParser::Slot JsonParser::slots_[kJsonTextsNestedMax];
thread_local int JsonParser::slots_used_ = 0;

JsonParser::JsonParser() {
  if (slots_used_ < kJsonTextsNestedMax) slot_ = &slots_[slots_used_];
  ++slots_used_;
}

JsonParser::~JsonParser() {
  --slots_used_;
  if (slot_ != nullptr) slot_->Shrink();
  if (holds_large_) AllLargeTexts().Leave();
}

absl::StatusOr<element> JsonParser::Parse(absl::string_view json) {
  if (slot_ == nullptr) {
    return absl::InvalidArgumentError("JSON: too many texts inside texts");
  }
  if (json.size() > kJsonBytesMax) {
    return absl::InvalidArgumentError("JSON: too long");
  }
  // Whoever holds a place already needs no second: a text inside its own.
  if (json.size() > kLargeBytes && slots_used_ == 1 && !holds_large_) {
    AllLargeTexts().Enter();
    holds_large_ = true;
  }
  absl::ConsumePrefix(&json, kByteOrderMark);
  json = absl::StripLeadingAsciiWhitespace(json);
  element root;
  simdjson::error_code error = slot_->Parse(json, &root);
  if (IsBrokenText(error)) error = slot_->Parse(RepairJsonText(json), &root);
  if (error != simdjson::SUCCESS) {
    return absl::InvalidArgumentError(
        absl::StrCat("JSON: ", simdjson::error_message(error)));
  }
  return root;
}

absl::string_view JsonParser::text() const {
  if (slot_ == nullptr) return "";
  return absl::string_view(slot_->padded.data(), slot_->size);
}

std::string RepairJsonText(absl::string_view json) {
  const std::string utf8 = RepairUtf8(json);
  std::string out;
  out.reserve(utf8.size());
  bool in_string = false;
  for (size_t i = 0; i < utf8.size();) {
    const char c = utf8[i];
    if (in_string && c == '\\') {
      i += RepairEscape(absl::string_view(utf8).substr(i), &out);
      continue;
    }
    if (c == '"') in_string = !in_string;
    if (in_string && static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppend(&out, "\\u00", absl::Hex(c, absl::kZeroPad2));
    } else {
      out.push_back(c);
    }
    ++i;
  }
  return out;
}

}  // namespace chatgate
