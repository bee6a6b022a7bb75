#ifndef CHATGATE_WEBHOOK_FINGERPRINT_H_
#define CHATGATE_WEBHOOK_FINGERPRINT_H_

#include <cstdint>
#include <initializer_list>

#include "absl/strings/string_view.h"

namespace chatgate {

// 64 bits that stand for texts, in their order and each for itself. Never 0.
// The same for ever and on every machine: it is stored. It is a cut SHA-256, so
// that no sender can make two texts alike on purpose with ease.
uint64_t Fingerprint(std::initializer_list<absl::string_view> texts);

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_FINGERPRINT_H_
