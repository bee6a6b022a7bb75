#ifndef CHATGATE_TESTS_BENCH_CONVERSATIONS_H_
#define CHATGATE_TESTS_BENCH_CONVERSATIONS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/integration/gateway.h"

namespace chatgate {

// The conversations that the unary rows are spread over, each of a lead of its
// own: their ids.
absl::StatusOr<std::vector<uint64_t>> StartConversations(const Gateway& gateway,
                                                         int count);

// Parts of these conversations, all together.
absl::StatusOr<uint64_t> CountParts(const Gateway& gateway,
                                    const std::vector<uint64_t>& conversations);

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_CONVERSATIONS_H_
