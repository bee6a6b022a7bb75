#include "tests/bench/peer_fanout.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/status_macros.h"
#include "tests/bench/peer_server.h"
#include "tests/bench/stream_load.h"

namespace chatgate {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);

absl::Status Failed(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(errno)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<PeerFanout>> PeerFanout::Connect(
    int port, int subscribers, std::unique_ptr<PeerStream> stream) {
  std::unique_ptr<PeerFanout> fanout(new PeerFanout(std::move(stream)));
  fanout->connections_.resize(static_cast<size_t>(subscribers) + 1);
  fanout->epoll_ = epoll_create1(EPOLL_CLOEXEC);
  for (Connection& connection : fanout->connections_) {
    ASSIGN_OR_RETURN(connection.socket, ConnectTo(port));
    fcntl(connection.socket, F_SETFL, O_NONBLOCK);
    connection.subscriber = &connection != &fanout->connections_.front();
    epoll_event event = {};
    event.events = EPOLLIN;
    event.data.ptr = &connection;
    epoll_ctl(fanout->epoll_, EPOLL_CTL_ADD, connection.socket, &event);
    if (connection.subscriber) {
      connection.to_send = fanout->stream_->Subscribe();
      RETURN_IF_ERROR(fanout->Flush(connection));
    }
  }
  return fanout;
}

PeerFanout::~PeerFanout() {
  for (const Connection& connection : connections_) close(connection.socket);
  close(epoll_);
}

absl::StatusOr<double> PeerFanout::Run(absl::Duration time) {
  const uint64_t before = produced_;
  const auto begin = std::chrono::steady_clock::now();
  const auto end = begin + absl::ToChronoNanoseconds(time);
  Connection& producer = connections_.front();
  const uint64_t subscribers = connections_.size() - 1;
  const uint64_t window = WindowOf(subscribers);
  bool producing = true;
  while (producing || delivered_ < produced_ * subscribers) {
    if (std::chrono::steady_clock::now() >= end) producing = false;
    const uint64_t slowest = Slowest();
    if (producing && slowest + window >= produced_ + window / 4) {
      while (produced_ < slowest + window) {
        producer.to_send += stream_->Publish(++produced_);
      }
    }
    RETURN_IF_ERROR(Flush(producer));
    // What the producer could not send yet is tried again soon.
    const bool unsent = !producer.to_send.empty();
    ASSIGN_OR_RETURN(const bool came,
                     Await(unsent ? absl::Milliseconds(1) : kPatience));
    if (!came && !unsent) return Silent();
  }
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - begin;
  return static_cast<double>((produced_ - before) * subscribers) / took.count();
}

absl::StatusOr<uint64_t> PeerFanout::RunPaced(absl::Duration time,
                                              double rate) {
  const uint64_t before = delivered_;
  const absl::Time begin = absl::Now();
  const absl::Duration period = absl::Seconds(1) / rate;
  Connection& producer = connections_.front();
  for (absl::Time tick = begin; tick < begin + time; tick += period) {
    producer.to_send += stream_->Publish(++produced_);
    RETURN_IF_ERROR(Flush(producer));
    for (absl::Time now = absl::Now(); now < tick + period; now = absl::Now()) {
      RETURN_IF_ERROR(Await(tick + period - now).status());
    }
  }
  const uint64_t all = produced_ * (connections_.size() - 1);
  while (delivered_ < all) {
    RETURN_IF_ERROR(Flush(producer));
    ASSIGN_OR_RETURN(const bool came, Await(kPatience));
    if (!came) return Silent();
  }
  return delivered_ - before;
}

absl::Status PeerFanout::ReadUpTo(uint64_t seq) {
  produced_ = seq;
  while (delivered_ < seq * (connections_.size() - 1)) {
    ASSIGN_OR_RETURN(const bool came, Await(kPatience));
    if (!came) return Silent();
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> PeerFanout::Await(absl::Duration patience) {
  std::array<epoll_event, 64> events;
  const int ready =
      epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                 static_cast<int>(absl::ToInt64Milliseconds(
                     absl::Ceil(patience, absl::Milliseconds(1)))));
  if (ready < 0) return Failed("epoll_wait");
  for (int i = 0; i < ready; ++i) {
    RETURN_IF_ERROR(Receive(
        *static_cast<Connection*>(events[static_cast<size_t>(i)].data.ptr)));
  }
  return ready > 0;
}

absl::Status PeerFanout::Silent() const {
  return absl::DeadlineExceededError(absl::StrCat(
      "the broker was silent for ", absl::FormatDuration(kPatience), ": ",
      produced_, " events for ", connections_.size() - 1,
      " subscribers, delivered ", delivered_, ", the slowest is at ",
      Slowest()));
}

absl::Status PeerFanout::Flush(Connection& connection) {
  if (connection.to_send.empty()) return absl::OkStatus();
  const ssize_t sent = send(connection.socket, connection.to_send.data(),
                            connection.to_send.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return Failed("send");
  if (sent > 0) connection.to_send.erase(0, static_cast<size_t>(sent));
  return absl::OkStatus();
}

absl::Status PeerFanout::Receive(Connection& connection) {
  std::array<char, 64 << 10> bytes;
  const ssize_t received =
      recv(connection.socket, bytes.data(), bytes.size(), 0);
  if (received < 0) return errno == EAGAIN ? absl::OkStatus() : Failed("recv");
  if (received == 0) {
    return absl::UnavailableError(absl::StrCat(
        "the broker hung up on subscriber ", &connection - connections_.data(),
        " at event ", connection.last));
  }
  // The answers to the producer say nothing that the events do not.
  if (!connection.subscriber) return absl::OkStatus();
  connection.bytes.append(bytes.data(), static_cast<size_t>(received));
  absl::string_view rest = connection.bytes;
  const uint64_t before = connection.last;
  RETURN_IF_ERROR(stream_->Take(&rest, &connection.last, &connection.to_send));
  connection.bytes.erase(0, connection.bytes.size() - rest.size());
  delivered_ += connection.last - before;
  return Flush(connection);
}

uint64_t PeerFanout::Slowest() const {
  uint64_t slowest = UINT64_MAX;
  for (const Connection& connection : connections_) {
    if (connection.subscriber) slowest = std::min(slowest, connection.last);
  }
  return slowest;
}

}  // namespace chatgate
