#include "tests/bench/control_pipe.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace chatgate {

ControlPipe::ControlPipe(std::string path) : path_(std::move(path)) {
  if (mkfifo(path_.c_str(), 0600) != 0) std::abort();
  // Both ways, so that opening waits for nobody; the other side closes its
  // own.
  pipe_ = open(path_.c_str(), O_RDWR | O_CLOEXEC);
  if (pipe_ < 0) std::abort();
}

ControlPipe::~ControlPipe() { close(pipe_); }

void ControlPipe::Allow(uint64_t seq) {
  // As short as it is, it is written whole or not at all.
  if (write(pipe_, &seq, sizeof(seq)) != sizeof(seq)) std::abort();
}

void FollowControlPipe(const std::string& path,
                       const std::function<void(uint64_t seq)>& allow) {
  const int pipe = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (pipe < 0) std::abort();
  uint64_t seq = 0;
  while (read(pipe, &seq, sizeof(seq)) == sizeof(seq)) allow(seq);
  close(pipe);
}

}  // namespace chatgate
