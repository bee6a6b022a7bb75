#ifndef CHATGATE_CLIENT_STANDARD_OUTPUT_H_
#define CHATGATE_CLIENT_STANDARD_OUTPUT_H_

#include "absl/status/status.h"

namespace chatgate {

// Both need SIGPIPE to be ignored: else a closed pipe ends the program.

// Flushes std::cout. RESOURCE_EXHAUSTED: it takes no more, now or earlier, so
// that some of what was written is lost (a full disk, a closed pipe).
absl::Status FlushOutput();

// True where standard output is a pipe that nobody reads any more, as behind
// `head`.
bool IsOutputClosed();

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_STANDARD_OUTPUT_H_
