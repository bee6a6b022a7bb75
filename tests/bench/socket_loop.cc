#include "tests/bench/socket_loop.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);

}  // namespace

SocketLoop::SocketLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

SocketLoop::~SocketLoop() { close(epoll_); }

void SocketLoop::Watch(int socket, size_t connection) {
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.u64 = connection;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
  ++connections_;
}

absl::StatusOr<int> SocketLoop::Take(
    absl::Duration patience,
    const std::function<absl::Status(size_t)>& on_ready) {
  std::array<epoll_event, 64> events;
  const int ready =
      epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                 static_cast<int>(absl::ToInt64Milliseconds(patience)));
  for (int i = 0; i < ready; ++i) {
    RETURN_IF_ERROR(on_ready(events[static_cast<size_t>(i)].data.u64));
  }
  return ready;
}

absl::StatusOr<absl::Duration> SocketLoop::Run(absl::Duration time,
                                               const Send& send,
                                               const Receive& receive) {
  const auto begin = std::chrono::steady_clock::now();
  const auto end = begin + absl::ToChronoNanoseconds(time);
  auto now = begin;
  for (size_t i = 0; i < connections_; ++i) RETURN_IF_ERROR(send(i));
  size_t under_way = connections_;
  std::vector<bool> done(connections_, false);
  while (under_way > 0) {
    bool first = true;
    ASSIGN_OR_RETURN(const int ready,
                     Take(kPatience, [&](size_t connection) -> absl::Status {
                       if (first) now = std::chrono::steady_clock::now();
                       first = false;
                       ASSIGN_OR_RETURN(const bool whole, receive(connection));
                       if (!whole) return absl::OkStatus();
                       if (now < end) return send(connection);
                       --under_way;
                       done[connection] = true;
                       return absl::OkStatus();
                     }));
    if (ready > 0) continue;
    return absl::DeadlineExceededError(absl::StrCat(
        "no answer within ", absl::FormatDuration(kPatience), " on ", under_way,
        " of ", connections_, " connections, the first of them ",
        std::find(done.begin(), done.end(), false) - done.begin()));
  }
  return absl::FromChrono(now - begin);
}

}  // namespace chatgate
