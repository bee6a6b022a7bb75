#include "tests/support/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace chatgate {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(
    const std::vector<std::string>& arguments,
    const std::vector<std::string>& environment) {
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) {
    return absl::InternalError(absl::StrCat("pipe2: ", std::strerror(errno)));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  std::vector<std::string> argument_texts = arguments;
  std::vector<std::string> variables = environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);
  }
  pid_t pid = 0;
  const int failed =
      posix_spawn(&pid, arguments[0].c_str(), &actions, nullptr,
                  Pointers(argument_texts).data(), Pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_ends[1]);
  if (failed != 0) {
    close(pipe_ends[0]);
    return absl::NotFoundError(absl::StrCat("cannot start ", arguments[0], ": ",
                                            std::strerror(failed)));
  }
  return std::unique_ptr<ChildProcess>(new ChildProcess(pid, pipe_ends[0]));
}

ChildProcess::~ChildProcess() {
  KillHard();
  close(output_);
}

absl::StatusOr<std::string> ChildProcess::ReadLine(absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  while (true) {
    if (const size_t end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    pollfd ready = {output_, POLLIN, 0};
    const int64_t left = absl::ToInt64Milliseconds(deadline - absl::Now());
    if (left <= 0 || poll(&ready, 1, static_cast<int>(left)) == 0) {
      return absl::DeadlineExceededError(
          absl::StrCat("no line after ", absl::FormatDuration(patience),
                       "; read so far: ", buffer_));
    }
    char bytes[4096];
    const ssize_t count = read(output_, bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      return absl::OutOfRangeError(
          absl::StrCat("the program closed its output after: ", buffer_));
    }
    buffer_.append(bytes, count);
  }
}

std::string ChildProcess::ReadAll(absl::Duration patience) {
  std::string all;
  while (true) {
    const absl::StatusOr<std::string> line = ReadLine(patience);
    if (!line.ok()) break;
    absl::StrAppend(&all, *line, "\n");
  }
  all += buffer_;
  buffer_.clear();
  return all;
}

void ChildProcess::Signal(int signal) {
  if (!ended_) kill(pid_, signal);
}

int ChildProcess::Wait() {
  if (ended_) return exit_code_;
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  ended_ = true;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return exit_code_;
}

void ChildProcess::KillHard() {
  Signal(SIGKILL);
  Wait();
}

}  // namespace chatgate
