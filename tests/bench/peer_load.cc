#include "tests/bench/peer_load.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/status_macros.h"
#include "tests/bench/peer_server.h"

namespace chatgate {
namespace {

constexpr char kNatsHello[] =
    "CONNECT {\"verbose\":false,\"pedantic\":false}\r\n";

absl::Status Failed(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(errno)));
}

absl::Status SendAll(int socket, absl::string_view bytes) {
  const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(bytes.size())) return absl::OkStatus();
  return Failed("send");
}

// Takes a line off the front; false where there is no whole one.
bool TakeLine(absl::string_view* bytes, absl::string_view* line) {
  const size_t end = bytes->find("\r\n");
  if (end == absl::string_view::npos) return false;
  *line = bytes->substr(0, end);
  bytes->remove_prefix(end + 2);
  return true;
}

// The id that XADD gives: `$15\r\n1526919030474-55\r\n`.
absl::StatusOr<std::string> TakeRedisId(absl::string_view* bytes) {
  absl::string_view rest = *bytes;
  absl::string_view length;
  absl::string_view id;
  if (!TakeLine(&rest, &length)) return "";
  if (!absl::StartsWith(length, "$")) {
    return absl::UnavailableError(absl::StrCat("Redis says: ", length));
  }
  if (!TakeLine(&rest, &id)) return "";
  *bytes = rest;
  return std::string(id);
}

// The payload of the next message; lines about the connection are passed over.
absl::StatusOr<std::string> TakeNatsMessage(absl::string_view* bytes) {
  absl::string_view rest = *bytes;
  absl::string_view line;
  while (TakeLine(&rest, &line)) {
    if (absl::StartsWith(line, "-ERR")) {
      return absl::UnavailableError(absl::StrCat("NATS says: ", line));
    }
    if (!absl::StartsWith(line, "MSG ")) {
      *bytes = rest;
      continue;
    }
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    size_t size = 0;
    if (!absl::SimpleAtoi(words.back(), &size)) {
      return absl::InternalError(absl::StrCat("NATS says: ", line));
    }
    if (rest.size() < size + 2) return "";
    std::string payload(rest.substr(0, size));
    rest.remove_prefix(size + 2);
    *bytes = rest;
    return payload;
  }
  return "";
}

// The number behind `"seq":` in an acknowledgement.
absl::StatusOr<std::string> TakeAcknowledgement(absl::string_view* bytes) {
  ASSIGN_OR_RETURN(std::string json, TakeNatsMessage(bytes));
  if (json.empty()) return json;
  const size_t at = json.find("\"seq\":");
  if (at == std::string::npos || absl::StrContains(json, "\"duplicate\"")) {
    return absl::UnavailableError(absl::StrCat("JetStream says: ", json));
  }
  const size_t begin = at + 6;
  return json.substr(begin, json.find_first_of(",}", begin) - begin);
}

}  // namespace

PeerProtocol RedisAppends(const std::string& event) {
  return {[](int) { return std::string(); },
          [event](int, uint64_t id) {
            const std::string text = absl::StrCat(id);
            return absl::StrCat(
                "*7\r\n$4\r\nXADD\r\n$2\r\nev\r\n$1\r\n*\r\n$2\r\nid\r\n$",
                text.size(), "\r\n", text, "\r\n$1\r\ne\r\n$", event.size(),
                "\r\n", event, "\r\n");
          },
          TakeRedisId};
}

PeerProtocol JetStreamAppends(const std::string& event) {
  // Each connection hears of its own inbox alone.
  return {[](int connection) {
            return absl::StrCat(kNatsHello, "SUB _INBOX.", connection,
                                " 1\r\n");
          },
          [event](int connection, uint64_t) {
            return absl::StrCat("PUB ev _INBOX.", connection, " ", event.size(),
                                "\r\n", event, "\r\n");
          },
          TakeAcknowledgement};
}

absl::StatusOr<uint64_t> RedisStreamLength(int port) {
  ASSIGN_OR_RETURN(const int socket, ConnectTo(port));
  absl::Status status = SendAll(socket, "*2\r\n$4\r\nXLEN\r\n$2\r\nev\r\n");
  std::string bytes;
  while (status.ok() && !absl::EndsWith(bytes, "\r\n")) {
    std::array<char, 256> piece;
    const ssize_t count = recv(socket, piece.data(), piece.size(), 0);
    if (count <= 0) {
      status = Failed("recv");
      break;
    }
    bytes.append(piece.data(), static_cast<size_t>(count));
  }
  close(socket);
  RETURN_IF_ERROR(status);
  // `:15\r\n`.
  uint64_t length = 0;
  if (bytes.front() == ':' && absl::SimpleAtoi(bytes.substr(1), &length)) {
    return length;
  }
  return absl::UnavailableError(absl::StrCat("Redis says: ", bytes));
}

absl::Status CreateJetStream(int port) {
  ASSIGN_OR_RETURN(const int socket, ConnectTo(port));
  const std::string stream =
      R"({"name":"EV","subjects":["ev"],"storage":"file"})";
  absl::Status status =
      SendAll(socket, absl::StrCat(kNatsHello, "SUB made 1\r\n",
                                   "PUB $JS.API.STREAM.CREATE.EV made ",
                                   stream.size(), "\r\n", stream, "\r\n"));
  std::string bytes;
  while (status.ok()) {
    std::array<char, 4096> piece;
    const ssize_t count = recv(socket, piece.data(), piece.size(), 0);
    if (count <= 0) {
      status = Failed("recv");
      break;
    }
    bytes.append(piece.data(), static_cast<size_t>(count));
    absl::string_view view = bytes;
    const absl::StatusOr<std::string> answer = TakeNatsMessage(&view);
    if (!answer.ok()) status = answer.status();
    if (!answer.ok() || !answer->empty()) {
      if (answer.ok() && absl::StrContains(*answer, "\"error\"")) {
        status = absl::UnavailableError(*answer);
      }
      break;
    }
  }
  close(socket);
  return status;
}

absl::Status FillJetStream(int port, const std::string& event,
                           uint64_t events) {
  constexpr uint64_t kUnderWayMax = 256;  // Fits into a socket's buffer.
  ASSIGN_OR_RETURN(const int socket, ConnectTo(port));
  absl::Status status =
      SendAll(socket, absl::StrCat(kNatsHello, "SUB done 1\r\n"));
  const std::string publish =
      absl::StrCat("PUB ev done ", event.size(), "\r\n", event, "\r\n");
  std::string bytes;
  uint64_t sent = 0;
  uint64_t answered = 0;
  while (status.ok() && answered < events) {
    for (; status.ok() && sent < events && sent - answered < kUnderWayMax;
         ++sent) {
      status = SendAll(socket, publish);
    }
    std::array<char, 64 << 10> piece;
    const ssize_t count = recv(socket, piece.data(), piece.size(), 0);
    if (count <= 0) status = Failed("recv");
    if (!status.ok()) break;
    bytes.append(piece.data(), static_cast<size_t>(count));
    absl::string_view rest = bytes;
    while (true) {
      const absl::StatusOr<std::string> place = TakeAcknowledgement(&rest);
      if (!place.ok()) status = place.status();
      if (!place.ok() || place->empty()) break;
      ++answered;
    }
    bytes.erase(0, bytes.size() - rest.size());
  }
  close(socket);
  return status;
}

absl::StatusOr<std::unique_ptr<PeerLoad>> PeerLoad::Connect(
    int port, int connections, PeerProtocol protocol) {
  std::unique_ptr<PeerLoad> load(new PeerLoad(std::move(protocol)));
  load->connections_.resize(static_cast<size_t>(connections));
  for (Connection& connection : load->connections_) {
    ASSIGN_OR_RETURN(connection.socket, ConnectTo(port));
    RETURN_IF_ERROR(SendAll(connection.socket,
                            load->protocol_.greeting(connection.socket)));
    load->loop_.Watch(
        connection.socket,
        static_cast<size_t>(&connection - load->connections_.data()));
  }
  return load;
}

PeerLoad::~PeerLoad() {
  for (const Connection& connection : connections_) close(connection.socket);
}

absl::StatusOr<double> PeerLoad::Run(absl::Duration time) {
  const uint64_t before = answered_;
  ASSIGN_OR_RETURN(const absl::Duration took,
                   loop_.Run(
                       time, [this](size_t i) { return Send(connections_[i]); },
                       [this](size_t i) { return Receive(connections_[i]); }));
  return static_cast<double>(answered_ - before) / absl::ToDoubleSeconds(took);
}

absl::Status PeerLoad::Send(Connection& connection) {
  return SendAll(connection.socket,
                 protocol_.request(connection.socket, next_id_++));
}

absl::StatusOr<bool> PeerLoad::Receive(Connection& connection) {
  std::array<char, 4096> bytes;
  const ssize_t received =
      recv(connection.socket, bytes.data(), bytes.size(), 0);
  if (received <= 0) {
    return absl::UnavailableError(
        absl::StrCat("connection ", &connection - connections_.data(), " of ",
                     connections_.size(), ": ",
                     received == 0 ? "the broker hung up" : strerror(errno)));
  }
  connection.bytes.append(bytes.data(), static_cast<size_t>(received));
  absl::string_view rest = connection.bytes;
  ASSIGN_OR_RETURN(const std::string place, protocol_.take(&rest));
  connection.bytes.erase(0, connection.bytes.size() - rest.size());
  if (place.empty()) return false;
  if (!places_.insert(place).second) {
    return absl::DataLossError(absl::StrCat("place ", place, " came twice"));
  }
  ++answered_;
  return true;
}

}  // namespace chatgate
