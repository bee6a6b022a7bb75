#ifndef CHATGATE_TESTS_BENCH_CONTROL_PIPE_H_
#define CHATGATE_TESTS_BENCH_CONTROL_PIPE_H_

#include <cstdint>
#include <functional>
#include <string>

namespace chatgate {

// A named pipe on which a bench tells a server up to which position it may
// produce events, so that the producer is never short of work and never far
// ahead of the slowest subscriber.
class ControlPipe {
 public:
  // Makes the pipe at `path`.
  explicit ControlPipe(std::string path);
  ~ControlPipe();
  ControlPipe(const ControlPipe&) = delete;
  ControlPipe& operator=(const ControlPipe&) = delete;

  const std::string& path() const { return path_; }
  void Allow(uint64_t seq);

 private:
  const std::string path_;
  int pipe_ = -1;
};

// Calls `allow` with what arrives, until the writer is gone.
void FollowControlPipe(const std::string& path,
                       const std::function<void(uint64_t seq)>& allow);

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_CONTROL_PIPE_H_
