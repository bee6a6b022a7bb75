#ifndef CHATGATE_TESTS_BENCH_UNARY_LOAD_H_
#define CHATGATE_TESTS_BENCH_UNARY_LOAD_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/bench_client.h"

namespace chatgate {

// UnaryLoad keeps `in_flight` equal calls under way over four connections, from
// one thread and one completion queue. Every reply is compared with the first
// one: byte by byte, and where the bytes differ (maps have no order) by `same`,
// once for each form.
class UnaryLoad {
 public:
  using Same = std::function<bool(const std::string&, const std::string&)>;

  // `token`: sent as the caller's.
  UnaryLoad(const std::string& address, std::string method,
            const std::string& request, std::string token, int in_flight,
            Same same);
  ~UnaryLoad();

  // Calls a second.
  absl::StatusOr<double> Run(absl::Duration time);

  // What the server replies.
  const std::string& reply() const { return replies_.front(); }

 private:
  struct Call;

  void Start(Call& call);
  absl::Status Check(const Call& call);

  const std::string method_;
  const grpc::ByteBuffer request_;
  const std::string authorization_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Call>> calls_;
  const Same same_;
  std::vector<std::string> replies_;  // In every form that came.
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_UNARY_LOAD_H_
