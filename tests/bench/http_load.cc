#include "tests/bench/http_load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "tests/bench/sample_event.h"
#include "tests/integration/gateway.h"

namespace chatgate {
namespace {

constexpr uint64_t kConversation = 64558819;

std::string Encoded(const std::string& text) {
  std::string encoded;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      encoded.push_back(c);
    } else {
      absl::StrAppend(
          &encoded, "%",
          absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    }
  }
  return encoded;
}

// A Dashly webhook, put together from pieces that are encoded once.
std::string WebhookRequest(uint64_t id) {
  static const std::string* const kPieces = [] {
    const std::string json = SamplePartJson(1'234'567'890, kConversation);
    const size_t at = json.find("1234567890");
    return new std::string[2]{Encoded(json.substr(0, at)),
                              Encoded(json.substr(at + 10))};
  }();
  const std::string body =
      absl::StrCat("conversation=", kPieces[0], id, kPieces[1],
                   "&type=conversation&token=", kWebhookToken);
  return absl::StrCat(
      "POST /webhooks/dashly HTTP/1.1\r\nHost: 127.0.0.1\r\n"
      "User-Agent: Dashly Webhook 1.0\r\n"
      "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ",
      body.size(), "\r\n\r\n", body);
}

std::string WithReason(absl::string_view what) {
  return absl::StrCat(what, ": ", std::strerror(errno));
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpLoad>> HttpLoad::Connect(
    const std::string& address, int connections) {
  std::unique_ptr<HttpLoad> load(new HttpLoad());
  load->connections_.resize(static_cast<size_t>(connections));
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int port = 0;
  if (!absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) {
    return absl::InvalidArgumentError(absl::StrCat("no port in ", address));
  }
  to.sin_port = htons(static_cast<uint16_t>(port));
  for (Connection& connection : load->connections_) {
    connection.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection.socket < 0 ||
        connect(connection.socket, reinterpret_cast<const sockaddr*>(&to),
                sizeof(to)) != 0) {
      return load->Failed(connection, WithReason("connect"));
    }
    const int one = 1;
    setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    load->loop_.Watch(
        connection.socket,
        static_cast<size_t>(&connection - load->connections_.data()));
  }
  return load;
}

HttpLoad::~HttpLoad() {
  for (const Connection& connection : connections_) close(connection.socket);
}

absl::StatusOr<double> HttpLoad::Run(absl::Duration time) {
  const uint64_t before = answered_;
  ASSIGN_OR_RETURN(const absl::Duration took,
                   loop_.Run(
                       time, [this](size_t i) { return Send(connections_[i]); },
                       [this](size_t i) { return Receive(connections_[i]); }));
  return static_cast<double>(answered_ - before) / absl::ToDoubleSeconds(took);
}

absl::StatusOr<uint64_t> HttpLoad::Post() {
  // In turn: a gateway ends connections that are silent for long.
  for (size_t i = 0; i < connections_.size(); ++i) {
    Connection& connection = connections_[next_ % connections_.size()];
    ++next_;
    if (connection.id != 0) continue;
    RETURN_IF_ERROR(Send(connection));
    return connection.id;
  }
  return 0;
}

absl::Status HttpLoad::TakeAnswers(
    const std::function<void(uint64_t id)>& on_answer) {
  return loop_
      .Take(absl::ZeroDuration(),
            [&](size_t i) -> absl::Status {
              const uint64_t id = connections_[i].id;
              ASSIGN_OR_RETURN(const bool whole, Receive(connections_[i]));
              if (whole) on_answer(id);
              return absl::OkStatus();
            })
      .status();
}

absl::Status HttpLoad::Failed(const Connection& connection,
                              absl::string_view what) const {
  return absl::UnavailableError(absl::StrCat(
      "connection ", &connection - connections_.data(), " of ",
      connections_.size(), ", after ", connection.answers, " answers: ", what,
      connection.id == 0 ? " (nothing was asked)" : "",
      connection.answer.empty() ? "" : "; received: ", connection.answer));
}

absl::Status HttpLoad::Send(Connection& connection) {
  // Far smaller than the socket's buffer, which is empty.
  connection.id = next_id_++;
  const std::string request = WebhookRequest(connection.id);
  const ssize_t sent =
      send(connection.socket, request.data(), request.size(), MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(request.size())) return absl::OkStatus();
  return Failed(connection, WithReason("send"));
}

absl::StatusOr<bool> HttpLoad::Receive(Connection& connection) {
  std::array<char, 4096> bytes;
  const ssize_t received =
      recv(connection.socket, bytes.data(), bytes.size(), 0);
  if (received == 0) return Failed(connection, "the server hung up");
  if (received < 0) return Failed(connection, WithReason("recv"));
  connection.answer.append(bytes.data(), static_cast<size_t>(received));
  const size_t head = connection.answer.find("\r\n\r\n");
  if (head == std::string::npos) return false;
  const std::string lower =
      absl::AsciiStrToLower(connection.answer.substr(0, head + 2));
  constexpr absl::string_view kLength = "content-length: ";
  const size_t at = lower.find(std::string(kLength));
  size_t length = 0;
  if (at != std::string::npos &&
      !absl::SimpleAtoi(
          lower.substr(at + kLength.size(),
                       lower.find('\r', at) - at - kLength.size()),
          &length)) {
    return Failed(connection, "the answer's length cannot be read");
  }
  if (connection.answer.size() < head + 4 + length) return false;
  if (!absl::StartsWith(connection.answer, "HTTP/1.1 200")) {
    return Failed(connection, "a webhook was refused");
  }
  connection.answer.clear();
  connection.id = 0;
  ++connection.answers;
  ++answered_;
  return true;
}

}  // namespace chatgate
