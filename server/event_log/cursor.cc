#include "server/event_log/cursor.h"

#include "absl/status/status.h"
#include "absl/strings/escaping.h"

namespace chatgate {
namespace {

// Both texts are base64url without padding, because their bytes divide by
// three: a cursor is version, epoch, seq, checksum (1 + 8 + 8 + 4); an event's
// id is a mark, epoch and seq (2 + 8 + 8).
constexpr char kCursorVersion = 1;
constexpr size_t kCursorBytes = 21;
constexpr size_t kCursorChecked = 17;
constexpr char kEventIdMark[] = "\x11\xe5";
constexpr size_t kEventIdBytes = 18;

constexpr absl::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// The bytes of a text to be.
template <size_t kBytes>
class TextBytes {
 public:
  void Add(char byte) { bytes_[size_++] = byte; }
  void AddBigEndian(uint64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      Add(static_cast<char>(value >> shift));
    }
  }
  absl::string_view bytes() const { return {bytes_.data(), size_}; }

  // Once all of them were added.
  std::array<char, kBytes / 3 * 4> Base64() const {
    static_assert(kBytes % 3 == 0);
    std::array<char, kBytes / 3 * 4> text;
    for (size_t i = 0; i < kBytes / 3; ++i) {
      const uint32_t bits =
          Byte(3 * i) << 16 | Byte(3 * i + 1) << 8 | Byte(3 * i + 2);
      for (size_t j = 0; j < 4; ++j) {
        text[4 * i + j] = kDigits[bits >> (18 - 6 * j) & 63];
      }
    }
    return text;
  }

 private:
  uint32_t Byte(size_t i) const { return static_cast<uint8_t>(bytes_[i]); }

  std::array<char, kBytes> bytes_;
  size_t size_ = 0;
};

uint64_t ReadBigEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

// FNV-1a, folded. Finds accidents; a cursor is not a secret and gives no
// rights.
uint32_t Checksum(absl::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
  }
  return static_cast<uint32_t>(hash ^ hash >> 32);
}

}  // namespace

std::array<char, kCursorText> CursorText(const Cursor& cursor) {
  TextBytes<kCursorBytes> bytes;
  bytes.Add(kCursorVersion);
  bytes.AddBigEndian(cursor.epoch, 8);
  bytes.AddBigEndian(cursor.seq, 8);
  bytes.AddBigEndian(Checksum(bytes.bytes()), 4);
  return bytes.Base64();
}

std::string EncodeCursor(const Cursor& cursor) {
  const auto text = CursorText(cursor);
  return std::string(text.data(), text.size());
}

absl::StatusOr<Cursor> DecodeCursor(absl::string_view text) {
  std::string bytes;
  if (text.size() != kCursorText ||
      !absl::WebSafeBase64Unescape(text, &bytes) ||
      bytes.size() != kCursorBytes) {
    return absl::InvalidArgumentError("the cursor cannot be read");
  }
  if (bytes[0] != kCursorVersion) {
    return absl::InvalidArgumentError(
        "the cursor has a version that this server does not know");
  }
  const absl::string_view view(bytes);
  if (ReadBigEndian(view.substr(kCursorChecked)) !=
      Checksum(view.substr(0, kCursorChecked))) {
    return absl::InvalidArgumentError("the cursor was cut or changed");
  }
  const Cursor cursor = {.epoch = ReadBigEndian(view.substr(1, 8)),
                         .seq = ReadBigEndian(view.substr(9, 8))};
  if (cursor.epoch == 0) {
    return absl::InvalidArgumentError("the cursor names no log");
  }
  return cursor;
}

std::array<char, kEventIdText> EventIdText(const Cursor& cursor) {
  TextBytes<kEventIdBytes> bytes;
  bytes.Add(kEventIdMark[0]);
  bytes.Add(kEventIdMark[1]);
  bytes.AddBigEndian(cursor.epoch, 8);
  bytes.AddBigEndian(cursor.seq, 8);
  return bytes.Base64();
}

std::string EncodeEventId(const Cursor& cursor) {
  const auto text = EventIdText(cursor);
  return std::string(text.data(), text.size());
}

absl::StatusOr<Cursor> DecodeEventId(absl::string_view text) {
  std::string bytes;
  if (text.size() != kEventIdText ||
      !absl::WebSafeBase64Unescape(text, &bytes) ||
      bytes.size() != kEventIdBytes || bytes.compare(0, 2, kEventIdMark) != 0) {
    return absl::InvalidArgumentError("the text is no event's id");
  }
  const absl::string_view view(bytes);
  const Cursor place = {.epoch = ReadBigEndian(view.substr(2, 8)),
                        .seq = ReadBigEndian(view.substr(10, 8))};
  if (place.epoch == 0 || place.seq == 0) {
    return absl::InvalidArgumentError("the id names no event");
  }
  return place;
}

}  // namespace chatgate
