#ifndef CHATGATE_TESTS_BENCH_LOG_CHECK_H_
#define CHATGATE_TESTS_BENCH_LOG_CHECK_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace chatgate {

// The last position of the log behind a gRPC address; 0 where it is empty.
absl::StatusOr<uint64_t> HeadOf(const std::string& grpc_address);

// DATA_LOSS unless the log holds the events 1 to `last`, in order, each once,
// and no other.
absl::Status CheckLog(const std::string& grpc_address, uint64_t last);

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_LOG_CHECK_H_
