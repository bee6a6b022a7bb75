#include "tests/bench/peer_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "server/base/status_macros.h"
#include "tests/integration/gateway.h"

namespace chatgate {
namespace {

constexpr absl::Duration kStartPatience = absl::Seconds(30);

// Where scripts/deps --bench puts what Debian does not have, then the path.
absl::StatusOr<std::string> Find(const std::string& program) {
  const char* path = std::getenv("PATH");
  const std::string all =
      absl::StrCat(Binary("../../tools/bin"), ":", path == nullptr ? "" : path);
  for (const absl::string_view folder : absl::StrSplit(all, ':')) {
    std::string file = absl::StrCat(folder, "/", program);
    if (access(file.c_str(), X_OK) == 0) return file;
  }
  return absl::NotFoundError(
      absl::StrCat(program, " is not installed (scripts/deps --bench)"));
}

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

// A port that was free a moment ago: these programs do not say which one they
// took.
int FreePort() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  bind(socket, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  close(socket);
  return ntohs(address.sin_port);
}

}  // namespace

absl::StatusOr<int> ConnectTo(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return absl::UnavailableError(std::strerror(errno));
  const sockaddr_in address = Loopback(port);
  if (connect(socket, reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) != 0) {
    const int reason = errno;
    close(socket);
    return absl::UnavailableError(std::strerror(reason));
  }
  const int one = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  return socket;
}

absl::StatusOr<std::unique_ptr<PeerServer>> PeerServer::StartRedis() {
  ASSIGN_OR_RETURN(const std::string program, Find("redis-server"));
  std::unique_ptr<PeerServer> server(new PeerServer());
  server->port_ = FreePort();
  RETURN_IF_ERROR(server->Start({program,
                                 "--port",
                                 absl::StrCat(server->port_),
                                 "--bind",
                                 "127.0.0.1",
                                 "--dir",
                                 server->directory_.path(),
                                 "--logfile",
                                 server->directory_.File("log"),
                                 "--save",
                                 "",
                                 "--appendonly",
                                 "yes",
                                 "--appendfsync",
                                 "always",
                                 "--client-output-buffer-limit",
                                 "normal",
                                 "0",
                                 "0",
                                 "0"}));
  return server;
}

absl::StatusOr<std::unique_ptr<PeerServer>> PeerServer::StartNats() {
  ASSIGN_OR_RETURN(const std::string program, Find("nats-server"));
  std::unique_ptr<PeerServer> server(new PeerServer());
  server->port_ = FreePort();
  RETURN_IF_ERROR(server->Start({program, "-a", "127.0.0.1", "-p",
                                 absl::StrCat(server->port_), "-l",
                                 server->directory_.File("log")}));
  return server;
}

absl::StatusOr<std::unique_ptr<PeerServer>> PeerServer::StartJetStream(
    bool* synced) {
  ASSIGN_OR_RETURN(const std::string program, Find("nats-server"));
  if (synced != nullptr) {
    ASSIGN_OR_RETURN(const std::unique_ptr<ChildProcess> asked,
                     ChildProcess::Start({program, "--version"}));
    // Debian's 2.9 does not know the setting, and never syncs.
    *synced = !absl::StrContains(asked->ReadAll(kStartPatience), "v2.9.");
  }
  std::unique_ptr<PeerServer> server(new PeerServer());
  server->port_ = FreePort();
  const std::string config = server->directory_.Write(
      "config",
      absl::StrCat(
          "listen: \"127.0.0.1:", server->port_, "\"\nlogfile: \"",
          server->directory_.File("log"), "\"\njetstream {\n store_dir: \"",
          server->directory_.File("data"), "\"\n",
          synced != nullptr && *synced ? " sync_interval: always\n" : "",
          "}\n"));
  RETURN_IF_ERROR(server->Start({program, "-c", config}));
  return server;
}

absl::StatusOr<std::unique_ptr<PeerServer>> PeerServer::StartNodeReceiver(
    const PeerServer& redis, const std::string& token) {
  ASSIGN_OR_RETURN(const std::string program, Find("node"));
  std::unique_ptr<PeerServer> server(new PeerServer());
  ASSIGN_OR_RETURN(server->process_,
                   ChildProcess::Start({program, CHATGATE_NODE_RECEIVER,
                                        absl::StrCat(redis.port()), token}));
  ASSIGN_OR_RETURN(const std::string line,
                   server->process_->ReadLine(kStartPatience));
  if (!absl::SimpleAtoi(line.substr(line.rfind(':') + 1), &server->port_)) {
    return absl::InternalError(absl::StrCat("not a ready line: ", line));
  }
  return server;
}

std::string PeerServer::address() const {
  return absl::StrCat("127.0.0.1:", port_);
}

absl::Status PeerServer::Start(const std::vector<std::string>& arguments) {
  ASSIGN_OR_RETURN(process_, ChildProcess::Start(arguments));
  const absl::Time patience = absl::Now() + kStartPatience;
  while (true) {
    const absl::StatusOr<int> socket = ConnectTo(port_);
    if (socket.ok()) {
      close(*socket);
      return absl::OkStatus();
    }
    if (absl::Now() > patience) return socket.status();
    absl::SleepFor(absl::Milliseconds(20));
  }
}

}  // namespace chatgate
