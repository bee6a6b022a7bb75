#include "client/standard_output.h"

#include <iostream>

namespace chatgate {

absl::Status FlushOutput() {
  if (std::cout.flush()) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      "standard output takes no more; what was written last is lost");
}

}  // namespace chatgate
