#include "client/standard_output.h"

#include <poll.h>
#include <unistd.h>

#include <iostream>

namespace chatgate {

absl::Status FlushOutput() {
  if (std::cout.flush()) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      "standard output takes no more; what was written last is lost");
}

bool IsOutputClosed() {
  pollfd output = {STDOUT_FILENO, POLLOUT, 0};
  return poll(&output, 1, 0) > 0 && (output.revents & POLLERR) != 0;
}

}  // namespace chatgate
