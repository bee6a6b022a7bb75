#include "webhook/long_answers.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "webhook/socket_stream.h"

namespace chatgate {

bool LongAnswers::Begin(int socket, LongAnswer answer) {
  // Each side closes a descriptor of its own.
  const int own = fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (own < 0) return false;
  {
    MutexLock lock(mu_);
    waiting_[own] = std::move(answer);
  }
  if (threads_.TryServe(own)) return true;
  {
    MutexLock lock(mu_);
    waiting_.erase(own);
  }
  close(own);
  return false;
}

void LongAnswers::Write(int socket) {
  LongAnswer answer;
  {
    MutexLock lock(mu_);
    const auto found = waiting_.find(socket);
    answer = std::move(found->second);
    waiting_.erase(found);
  }
  SocketStream stream(socket);
  answer(stream);
  stream.Linger();
}

}  // namespace chatgate
