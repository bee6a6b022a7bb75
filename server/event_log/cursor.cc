#include "server/event_log/cursor.h"

#include <array>
#include <cstddef>

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
constexpr size_t kCursorText = 28;
constexpr char kEventIdMark[] = "\x11\xe5";
constexpr size_t kEventIdBytes = 18;
constexpr size_t kEventIdText = 24;

// Bytes in the order in which they are written, without an allocation: the
// writer thread, of which there is one, makes two of them for each event.
template <size_t kSize>
class Bytes {
 public:
  void Add(char byte) { bytes_[size_++] = byte; }
  void AddBigEndian(uint64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      Add(static_cast<char>(value >> shift));
    }
  }
  absl::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, kSize> bytes_;
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

std::string EncodeCursor(const Cursor& cursor) {
  Bytes<kCursorBytes> bytes;
  bytes.Add(kCursorVersion);
  bytes.AddBigEndian(cursor.epoch, 8);
  bytes.AddBigEndian(cursor.seq, 8);
  bytes.AddBigEndian(Checksum(bytes.view()), 4);
  return absl::WebSafeBase64Escape(bytes.view());
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

std::string EncodeEventId(const Cursor& cursor) {
  Bytes<kEventIdBytes> bytes;
  bytes.Add(kEventIdMark[0]);
  bytes.Add(kEventIdMark[1]);
  bytes.AddBigEndian(cursor.epoch, 8);
  bytes.AddBigEndian(cursor.seq, 8);
  return absl::WebSafeBase64Escape(bytes.view());
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
