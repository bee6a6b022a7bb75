#include "webhook/refused_connections.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "absl/strings/str_cat.h"
#include "webhook/http_message.h"
#include "webhook/request_limits.h"

namespace chatgate {
namespace {

const std::string& Answer() {
  static const std::string* const answer = [] {
    const std::string body =
        ErrorResponse(503, "there are too many connections").body;
    return new std::string(
        absl::StrCat("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
                     "Content-Type: application/json\r\nRetry-After: 1\r\n"
                     "Content-Length: ",
                     body.size(), "\r\n\r\n", body));
  }();
  return *answer;
}

// Throws away what came; false when the other side is done or gone.
bool Drain(int socket) {
  std::array<char, 16 << 10> thrown_away;
  const ssize_t count =
      ::recv(socket, thrown_away.data(), thrown_away.size(), MSG_DONTWAIT);
  return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

}  // namespace

RefusedConnections::~RefusedConnections() {
  for (const Connection& connection : connections_) ::close(connection.socket);
}

void RefusedConnections::Add(int socket) {
  if (connections_.size() == kRefusedConnectionsMax) {
    ::close(connections_.front().socket);
    connections_.pop_front();
  }
  // A fresh socket takes so little whole; where it does not, its loss.
  (void)::send(socket, Answer().data(), Answer().size(),
               MSG_DONTWAIT | MSG_NOSIGNAL);
  ::shutdown(socket, SHUT_WR);
  connections_.push_back({socket, DeadlineIn(kLingerTimeMax)});
}

void RefusedConnections::AppendTo(std::vector<pollfd>* entries) const {
  for (const Connection& connection : connections_) {
    entries->push_back({connection.socket, POLLIN, 0});
  }
}

void RefusedConnections::Tend() {
  const auto now = std::chrono::steady_clock::now();
  std::deque<Connection> kept;
  for (const Connection& connection : connections_) {
    if (now < connection.deadline && Drain(connection.socket)) {
      kept.push_back(connection);
    } else {
      ::close(connection.socket);
    }
  }
  connections_.swap(kept);
}

}  // namespace chatgate
