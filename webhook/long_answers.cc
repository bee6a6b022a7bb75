#include "webhook/long_answers.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "webhook/socket_stream.h"

namespace chatgate {
namespace {

// Without an acknowledgement of what was sent.
constexpr absl::Duration kGoneAfter = absl::Seconds(30);

}  // namespace

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
  // A heartbeat now and then fits into buffers for long: who is gone without a
  // word must be found all the same.
  const auto gone_after_ms =
      static_cast<unsigned>(absl::ToInt64Milliseconds(kGoneAfter));
  setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &gone_after_ms,
             sizeof(gone_after_ms));
  SocketStream stream(socket);
  answer(stream);
  stream.Linger();
}

}  // namespace chatgate
