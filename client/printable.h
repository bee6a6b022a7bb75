#ifndef CHATGATE_CLIENT_PRINTABLE_H_
#define CHATGATE_CLIENT_PRINTABLE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace chatgate {

// A stranger's text as part of one line that cannot play with the terminal it
// is shown on. A line end is `\n`; other control characters and bytes that are
// no UTF-8 are `\xNN`; what moves the cursor, ends a line or turns the
// direction of text beyond ASCII is `\uNNNN`. Of a text longer than `bytes_max`
// the beginning is shown, in whole characters, and `...`.
std::string Printable(absl::string_view text, size_t bytes_max = 1'000);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_PRINTABLE_H_
