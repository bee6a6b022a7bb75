#include "tests/bench/event_scanner.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

// Field number and "length-delimited".
constexpr uint8_t kEventsTag = 1 << 3 | 2;
constexpr uint8_t kGapTag = 3 << 3 | 2;
// Within an event.
constexpr uint8_t kSeqTag = 1 << 3;

}  // namespace

absl::Status EventScanner::Feed(const uint8_t* data, size_t size) {
  const uint8_t* const end = data + size;
  while (data != end) {
    if (state_ == State::kSkip) {
      const uint64_t skipped =
          std::min<uint64_t>(left_, static_cast<uint64_t>(end - data));
      data += skipped;
      left_ -= skipped;
      if (left_ == 0) state_ = State::kTag;
    } else {
      RETURN_IF_ERROR(Take(*data++));
    }
  }
  return absl::OkStatus();
}

bool EventScanner::AddByte(uint8_t byte) {
  number_ |= static_cast<uint64_t>(byte & 0x7f) << shift_;
  shift_ += 7;
  return byte < 0x80;
}

absl::Status EventScanner::Take(uint8_t byte) {
  switch (state_) {
    case State::kTag:
      tag_ = byte;
      number_ = 0;
      shift_ = 0;
      state_ = State::kLength;
      if (tag_ == kGapTag) return absl::DataLossError("there was a gap");
      return absl::OkStatus();
    case State::kLength:
      if (!AddByte(byte)) return absl::OkStatus();
      left_ = number_;
      state_ = tag_ == kEventsTag ? State::kSeqTag
               : left_ > 0        ? State::kSkip
                                  : State::kTag;
      return absl::OkStatus();
    case State::kSeqTag:
      --left_;
      number_ = 0;
      shift_ = 0;
      state_ = State::kSeq;
      if (byte == kSeqTag) return absl::OkStatus();
      return absl::DataLossError("an event does not begin with its seq");
    case State::kSeq:
      --left_;
      if (!AddByte(byte)) return absl::OkStatus();
      if (number_ != last_seq_ + 1) {
        return absl::DataLossError(
            absl::StrCat("event ", number_, " came after ", last_seq_));
      }
      last_seq_ = number_;
      state_ = State::kSkip;
      return absl::OkStatus();
    case State::kSkip:
      break;
  }
  return absl::InternalError("a byte to skip was taken");
}

}  // namespace chatgate
