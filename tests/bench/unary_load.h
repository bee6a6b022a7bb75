#ifndef CHATGATE_TESTS_BENCH_UNARY_LOAD_H_
#define CHATGATE_TESTS_BENCH_UNARY_LOAD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/bench_client.h"

namespace chatgate {

// What a UnaryLoad asks, and what must be answered. Called by one thread.
class UnaryScript {
 public:
  virtual ~UnaryScript() = default;
  // The whole name, such as `/chatgate.v1.ChatService/GetConversation`.
  virtual std::string Method() const = 0;
  // Of call `n`; they count from 0 over all runs.
  virtual grpc::ByteBuffer Request(uint64_t n) = 0;
  // DATA_LOSS: this is no answer to the call `n`.
  virtual absl::Status Check(uint64_t n, const std::string& reply) = 0;
};

// UnaryLoad keeps `in_flight` calls of a script under way over four
// connections, from one thread and one completion queue. Each must be answered
// OK, and as the script wants it.
class UnaryLoad {
 public:
  // `token`: sent as the caller's. The script outlives this.
  UnaryLoad(const std::string& address, std::string token, int in_flight,
            UnaryScript& script);
  ~UnaryLoad();

  // Calls a second.
  absl::StatusOr<double> Run(absl::Duration time);

  // Over all runs.
  uint64_t answered() const { return answered_; }

 private:
  struct Call;

  void Start(Call& call);
  absl::Status Check(const Call& call);

  UnaryScript& script_;
  const std::string method_;
  const std::string authorization_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Call>> calls_;
  uint64_t asked_ = 0;
  uint64_t answered_ = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_UNARY_LOAD_H_
