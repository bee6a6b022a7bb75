#include "client/fake_upstream/fake_upstream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/countdown.h"

namespace chatgate {
namespace {

constexpr size_t kConnectionsMax = 64;

std::string HttpAnswer(absl::string_view status, absl::string_view type,
                       absl::string_view body, absl::string_view headers = "") {
  return absl::StrCat("HTTP/1.1 ", status, "\r\nContent-Type: ", type,
                      "\r\nContent-Length: ", body.size(), "\r\n", headers,
                      "\r\n", body);
}

std::string Envelope(int status, absl::string_view name,
                     absl::string_view message) {
  return absl::StrCat(R"({"meta": {"status": )", status, R"(, "error": ")",
                      name, R"(", "error_message": ")", message,
                      R"("}, "data": {}})");
}

std::string TooManyRequests() {
  return HttpAnswer(
      "429 Too Many Requests", "application/json",
      Envelope(429, "TooManyRequests", "Request limit quantity exceeded"));
}

}  // namespace

struct FakeUpstream::Connection {
  explicit Connection(int fd) : socket(fd) {}

  PlainSocket socket;
  // To the REST form; kept from request to request. Guarded by the upstream's
  // mutex where others look at it.
  std::unique_ptr<PlainSocket> behind;
  std::thread thread;
  std::atomic<bool> ended = false;
};

absl::StatusOr<std::unique_ptr<FakeUpstream>> FakeUpstream::Start(
    const FakeUpstreamOptions& options, FaultPlan plan, const Clock& clock) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.listen_port);
  if (::inet_pton(AF_INET, options.listen_host.c_str(), &address.sin_addr) !=
          1 ||
      (ntohl(address.sin_addr.s_addr) >> 24) != 127) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", options.listen_host, "` is not loopback"));
  }
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  socklen_t size = sizeof(address);
  if (listener < 0 ||
      ::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener, 128) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) !=
          0) {
    if (listener >= 0) ::close(listener);
    return absl::UnavailableError(
        absl::StrCat("port ", options.listen_port, " cannot be listened on"));
  }
  return std::unique_ptr<FakeUpstream>(new FakeUpstream(
      options, std::move(plan), clock, listener, ntohs(address.sin_port)));
}

FakeUpstream::FakeUpstream(const FakeUpstreamOptions& options, FaultPlan plan,
                           const Clock& clock, int listener, uint16_t port)
    : options_(options),
      plan_(std::move(plan)),
      clock_(clock),
      listener_(listener),
      port_(port),
      limit_(options.limit_kind, options.requests_per_minute, clock.Now()),
      acceptor_([this] { Accept(); }) {}

FakeUpstream::~FakeUpstream() {
  ::shutdown(listener_, SHUT_RDWR);
  {
    MutexLock lock(mu_);
    stopping_ = true;
    stopped_.SignalAll();
  }
  acceptor_.join();
  std::list<Connection> open;
  {
    MutexLock lock(mu_);
    for (Connection& connection : connections_) {
      connection.socket.ShutDown();
      if (connection.behind != nullptr) connection.behind->ShutDown();
    }
    open.splice(open.end(), connections_);
  }
  for (Connection& connection : open) connection.thread.join();
  ::close(listener_);
}

void FakeUpstream::Accept() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    JoinEnded();
    MutexLock lock(mu_);
    if (stopping_) {
      if (fd >= 0) ::close(fd);
      return;
    }
    if (fd < 0) continue;
    if (connections_.size() == kConnectionsMax) {
      ::close(fd);
      continue;
    }
    const int yes = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    Connection& connection = connections_.emplace_back(fd);
    connection.thread = std::thread([this, &connection] { Serve(connection); });
  }
}

void FakeUpstream::JoinEnded() {
  std::list<Connection> ended;
  {
    MutexLock lock(mu_);
    for (auto it = connections_.begin(); it != connections_.end();) {
      const auto next = std::next(it);
      if (it->ended) ended.splice(ended.end(), connections_, it);
      it = next;
    }
  }
  for (Connection& connection : ended) connection.thread.join();
}

void FakeUpstream::Serve(Connection& connection) {
  while (true) {
    const absl::StatusOr<HttpBytes> request = connection.socket.ReadMessage();
    if (absl::IsInvalidArgument(request.status())) {
      connection.socket.Write(
          HttpAnswer("400 Bad Request", "application/json",
                     Envelope(400, "BadRequest", request.status().message()),
                     "Connection: close\r\n"));
    }
    if (!request.ok() || !Answer(connection, *request)) break;
  }
  connection.socket.ShutDown();
  connection.ended = true;
}

bool FakeUpstream::Answer(Connection& connection, const HttpBytes& request) {
  FaultPlan::Draw draw = plan_.Next();
  if (!limit_.Admit(clock_.Now())) draw.fault = Fault::kTooMany;
  Count(draw.fault);
  switch (draw.fault) {
    case Fault::kDropBefore:
      return false;
    case Fault::kTooMany:
      return connection.socket.Write(TooManyRequests());
    case Fault::kHtml:
      return connection.socket.Write(
          HttpAnswer("502 Bad Gateway", "text/html",
                     "<html><body><h1>502 Bad Gateway</h1></body></html>"));
    default:
      break;
  }
  const absl::StatusOr<HttpBytes> answer = Ask(connection, request);
  if (!answer.ok()) {
    return connection.socket.Write(
        HttpAnswer("502 Bad Gateway", "text/plain", answer.status().message()));
  }
  return SendFaulty(connection, draw, *answer);
}

bool FakeUpstream::SendFaulty(Connection& connection,
                              const FaultPlan::Draw& draw,
                              const HttpBytes& answer) {
  const std::string whole = answer.Whole();
  switch (draw.fault) {
    case Fault::kDropAfter:
      return false;
    case Fault::kDelay:
      return Pause(draw.delay) && connection.socket.Write(whole);
    case Fault::kError500:
      return connection.socket.Write(
          HttpAnswer("500 Internal Server Error", "application/json",
                     Envelope(500, "Error500", "Internal service error")));
    case Fault::kWrongJson:
      return connection.socket.Write(HttpAnswer(
          "200 OK", "application/json", "{\"meta\": {\"status\": 200}, \"da"));
    case Fault::kHalfBody:
      connection.socket.Write(answer.head +
                              answer.body.substr(0, answer.body.size() / 2));
      return false;
    case Fault::kDrip:
      for (const char byte : whole) {
        if (!connection.socket.Write(absl::string_view(&byte, 1)) ||
            !Pause(draw.delay)) {
          return false;
        }
      }
      return true;
    default:
      return connection.socket.Write(whole);
  }
}

absl::StatusOr<HttpBytes> FakeUpstream::Ask(Connection& connection,
                                            const HttpBytes& request) {
  const bool kept = connection.behind != nullptr;
  absl::StatusOr<HttpBytes> answer = AskOnce(connection, request);
  // A kept connection may have been closed for its silence: then nothing was
  // answered, and nothing has happened.
  if (kept && absl::IsOutOfRange(answer.status())) {
    answer = AskOnce(connection, request);
  }
  if (answer.ok()) return answer;
  return absl::UnavailableError("the REST form behind gives no answer");
}

absl::StatusOr<HttpBytes> FakeUpstream::AskOnce(Connection& connection,
                                                const HttpBytes& request) {
  if (connection.behind == nullptr) {
    const absl::StatusOr<int> fd =
        PlainSocket::Connect(options_.to_host, options_.to_port);
    if (!fd.ok()) return fd.status();
    MutexLock lock(mu_);
    connection.behind = std::make_unique<PlainSocket>(*fd);
    if (stopping_) return absl::UnavailableError("stopping");
  }
  absl::StatusOr<HttpBytes> answer =
      connection.behind->Write(request.Whole())
          ? connection.behind->ReadMessage()
          : absl::OutOfRangeError("the connection has ended");
  // One that says so is the last of its connection.
  if (!answer.ok() || absl::StrContains(absl::AsciiStrToLower(answer->head),
                                        "connection: close")) {
    MutexLock lock(mu_);
    connection.behind = nullptr;
  }
  return answer;
}

bool FakeUpstream::Pause(absl::Duration delay) {
  const Countdown left(delay);
  MutexLock lock(mu_);
  while (!stopping_ && !left.IsOver()) {
    stopped_.WaitFor(mu_, left.Left());
  }
  return !stopping_;
}

void FakeUpstream::Count(Fault fault) {
  MutexLock lock(mu_);
  ++counts_[fault];
}

std::map<Fault, int64_t> FakeUpstream::counts() const {
  MutexLock lock(mu_);
  return counts_;
}

}  // namespace chatgate
