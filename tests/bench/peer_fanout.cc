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

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/status_macros.h"
#include "tests/bench/peer_server.h"
#include "tests/bench/stream_load.h"

namespace chatgate {
namespace {

constexpr int kPatienceMs = 20'000;

absl::Status Failed(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(errno)));
}

// Takes a line off the front; false where there is no whole one.
bool TakeLine(absl::string_view* bytes, absl::string_view* line) {
  const size_t end = bytes->find("\r\n");
  if (end == absl::string_view::npos) return false;
  *line = bytes->substr(0, end);
  bytes->remove_prefix(end + 2);
  return true;
}

absl::Status Follow(uint64_t seq, uint64_t* last) {
  if (seq != *last + 1) {
    return absl::DataLossError(
        absl::StrCat("event ", seq, " came after ", *last));
  }
  *last = seq;
  return absl::OkStatus();
}

// Events have ids of their own choosing, `SEQ-1`.
class RedisPeer final : public PeerStream {
 public:
  explicit RedisPeer(const std::string& event) : event_(event) {}

  std::string Subscribe() const override { return Next(0); }
  std::string Publish(uint64_t seq) const override {
    const std::string id = absl::StrCat(seq, "-1");
    return absl::StrCat("*5\r\n$4\r\nXADD\r\n$2\r\nev\r\n$", id.size(), "\r\n",
                        id, "\r\n$1\r\ne\r\n$", event_.size(), "\r\n", event_,
                        "\r\n");
  }
  absl::Status Take(absl::string_view* bytes, uint64_t* last) const override {
    absl::string_view rest = *bytes;
    uint64_t reached = *last;
    if (!Skip(&rest, &reached)) return absl::OkStatus();
    if (absl::StartsWith(*bytes, "-")) {
      return absl::UnavailableError(absl::StrCat("Redis says: ", *bytes));
    }
    if (reached == kBroken) {
      return absl::DataLossError(
          absl::StrCat("Redis lost or doubled an event after ", *last));
    }
    *last = reached;
    *bytes = rest;
    return absl::OkStatus();
  }
  std::string Next(uint64_t last) const override {
    const std::string id = absl::StrCat(last, "-1");
    return absl::StrCat(
        "*8\r\n$5\r\nXREAD\r\n$5\r\nCOUNT\r\n$2\r\n64\r\n$5\r\nBLOCK\r\n$1\r\n"
        "0\r\n$7\r\nSTREAMS\r\n$2\r\nev\r\n$",
        id.size(), "\r\n", id, "\r\n");
  }

 private:
  static constexpr uint64_t kBroken = UINT64_MAX;

  // Passes over a value, and notes the ids in it; false where it is not whole.
  static bool Skip(absl::string_view* bytes, uint64_t* last) {
    absl::string_view line;
    if (!TakeLine(bytes, &line) || line.empty()) return false;
    int64_t count = 0;
    if ((line[0] != '*' && line[0] != '$') ||
        !absl::SimpleAtoi(line.substr(1), &count)) {
      return true;
    }
    if (line[0] == '$') {
      if (count < 0) return true;
      if (bytes->size() < static_cast<size_t>(count) + 2) return false;
      Note(bytes->substr(0, static_cast<size_t>(count)), last);
      bytes->remove_prefix(static_cast<size_t>(count) + 2);
      return true;
    }
    for (int64_t i = 0; i < count; ++i) {
      if (!Skip(bytes, last)) return false;
    }
    return true;
  }

  static void Note(absl::string_view text, uint64_t* last) {
    uint64_t seq = 0;
    if (text.size() > 24 || !absl::EndsWith(text, "-1") ||
        !absl::SimpleAtoi(text.substr(0, text.size() - 2), &seq)) {
      return;
    }
    *last = seq == *last + 1 ? seq : kBroken;
  }

  const std::string event_;
};

// Each payload begins with its number, in twenty digits.
class NatsPeer final : public PeerStream {
 public:
  explicit NatsPeer(const std::string& event) : event_(event) {}

  std::string Subscribe() const override {
    return "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB ev 1\r\n";
  }
  std::string Publish(uint64_t seq) const override {
    const absl::AlphaNum number(absl::Dec(seq, absl::kZeroPad20));
    return absl::StrCat("PUB ev ", number.size() + event_.size(), "\r\n",
                        number, event_, "\r\n");
  }
  absl::Status Take(absl::string_view* bytes, uint64_t* last) const override {
    absl::string_view rest = *bytes;
    absl::string_view line;
    while (TakeLine(&rest, &line)) {
      if (absl::StartsWith(line, "-ERR")) {
        return absl::UnavailableError(absl::StrCat("NATS says: ", line));
      }
      if (absl::StartsWith(line, "MSG ")) {
        size_t size = 0;
        uint64_t seq = 0;
        if (!absl::SimpleAtoi(line.substr(line.rfind(' ') + 1), &size)) {
          return absl::InternalError(absl::StrCat("NATS says: ", line));
        }
        if (rest.size() < size + 2) break;
        if (!absl::SimpleAtoi(rest.substr(0, 20), &seq)) {
          return absl::DataLossError("a payload was changed");
        }
        RETURN_IF_ERROR(Follow(seq, last));
        rest.remove_prefix(size + 2);
      }
      *bytes = rest;
    }
    return absl::OkStatus();
  }
  std::string Next(uint64_t) const override { return ""; }

 private:
  const std::string event_;
};

}  // namespace

std::unique_ptr<PeerStream> RedisStream(const std::string& event) {
  return std::make_unique<RedisPeer>(event);
}

std::unique_ptr<PeerStream> NatsSubject(const std::string& event) {
  return std::make_unique<NatsPeer>(event);
}

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
    RETURN_IF_ERROR(Await());
  }
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - begin;
  return static_cast<double>((produced_ - before) * subscribers) / took.count();
}

absl::Status PeerFanout::Await() {
  std::array<epoll_event, 64> events;
  // What the producer could not send yet is tried again soon.
  const int patience = connections_.front().to_send.empty() ? kPatienceMs : 1;
  const int ready = epoll_wait(epoll_, events.data(),
                               static_cast<int>(events.size()), patience);
  if (ready < 0) return Failed("epoll_wait");
  if (ready == 0 && patience == kPatienceMs) {
    return absl::DeadlineExceededError(absl::StrCat(
        "the broker was silent for ", kPatienceMs / 1000, " s: ", produced_,
        " events for ", connections_.size() - 1, " subscribers, delivered ",
        delivered_, ", the slowest is at ", Slowest()));
  }
  for (int i = 0; i < ready; ++i) {
    RETURN_IF_ERROR(Receive(
        *static_cast<Connection*>(events[static_cast<size_t>(i)].data.ptr)));
  }
  return absl::OkStatus();
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
  RETURN_IF_ERROR(stream_->Take(&rest, &connection.last));
  connection.bytes.erase(0, connection.bytes.size() - rest.size());
  if (connection.last == before) return absl::OkStatus();
  delivered_ += connection.last - before;
  connection.to_send += stream_->Next(connection.last);
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
