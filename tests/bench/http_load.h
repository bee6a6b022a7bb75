#ifndef CHATGATE_TESTS_BENCH_HTTP_LOAD_H_
#define CHATGATE_TESTS_BENCH_HTTP_LOAD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/bench/socket_loop.h"

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

  // Posts on a connection that waits for no answer, without waiting for this
  // one. The message's id; 0 when all of them wait.
  absl::StatusOr<uint64_t> Post();
  // Takes the answers that are there; `on_answer` gets their messages' ids.
  absl::Status TakeAnswers(const std::function<void(uint64_t id)>& on_answer);

  // Answered with 200, over all runs.
  uint64_t answered() const { return answered_; }

 private:
  struct Connection {
    int socket = -1;
    uint64_t id = 0;       // Of the message that waits for its answer; 0: none.
    std::string answer;    // What has come of it.
    uint64_t answers = 0;  // Whole ones before it.
  };

  HttpLoad() = default;
  // Says which connection it was, and what has come of the answer.
  absl::Status Failed(const Connection& connection,
                      absl::string_view what) const;
  absl::Status Send(Connection& connection);
  // True when the answer is whole.
  absl::StatusOr<bool> Receive(Connection& connection);

  std::vector<Connection> connections_;
  SocketLoop loop_;
  uint64_t next_id_ = 1;
  size_t next_ = 0;  // Connection of the next Post.
  uint64_t answered_ = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_HTTP_LOAD_H_
