#ifndef CHATGATE_TESTS_BENCH_HTTP_LOAD_H_
#define CHATGATE_TESTS_BENCH_HTTP_LOAD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace chatgate {

// HttpLoad posts webhooks over N connections that it keeps, one request at a
// time on each, from one thread. Every message has an id of its own; every
// answer must be 200.
class HttpLoad {
 public:
  static absl::StatusOr<std::unique_ptr<HttpLoad>> Connect(
      const std::string& address, int connections);
  ~HttpLoad();

  // Posts a second.
  absl::StatusOr<double> Run(absl::Duration time);

  // Posts one on the first connection and waits for its answer.
  absl::Status PostOne();

  // Answered with 200, over all runs.
  uint64_t answered() const { return answered_; }

 private:
  struct Connection {
    int socket = -1;
    std::string answer;  // What has come of it.
  };

  HttpLoad() = default;
  absl::Status Send(Connection& connection);
  // True when the answer is whole.
  absl::StatusOr<bool> Receive(Connection& connection);

  std::vector<Connection> connections_;
  int epoll_ = -1;
  uint64_t next_id_ = 1;
  uint64_t answered_ = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_HTTP_LOAD_H_
