#ifndef CHATGATE_TESTS_BENCH_EVENT_SCANNER_H_
#define CHATGATE_TESTS_BENCH_EVENT_SCANNER_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"

namespace chatgate {

// EventScanner looks at the events of serialised SubscribeResponses without
// parsing them: each must have the `seq` after the one before. It is fed with
// bytes as they come, cut anywhere.
class EventScanner {
 public:
  // A response begins.
  void Begin() { state_ = State::kTag; }
  // DATA_LOSS: an event is missing, or came twice, or there was a gap.
  absl::Status Feed(const uint8_t* data, size_t size);

  uint64_t last_seq() const { return last_seq_; }
  // The next event is the one after `seq`.
  void StartAfter(uint64_t seq) { last_seq_ = seq; }

 private:
  enum class State { kTag, kLength, kSeqTag, kSeq, kSkip };

  // Adds a byte to the number; true when it is whole.
  bool AddByte(uint8_t byte);
  absl::Status Take(uint8_t byte);

  State state_ = State::kTag;
  uint8_t tag_ = 0;
  uint64_t number_ = 0;
  int shift_ = 0;
  uint64_t left_ = 0;  // Of the field.
  uint64_t last_seq_ = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_EVENT_SCANNER_H_
