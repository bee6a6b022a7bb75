#ifndef CHATGATE_TESTS_SUPPORT_LOOPBACK_SERVER_H_
#define CHATGATE_TESTS_SUPPORT_LOOPBACK_SERVER_H_

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/mutex.h"

struct ssl_st;
struct ssl_ctx_st;

namespace chatgate {

// The server's end of a connection.
class Peer {
 public:
  Peer(int fd, ssl_ctx_st* tls);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // One request, head and body; empty when the other side has left.
  std::string ReadRequest();
  // At most `size` bytes of what comes; fewer when the other side has left.
  std::string ReadBytes(size_t size);
  // False when the other side has gone.
  bool Write(absl::string_view bytes);
  // The same, in one piece for the one who reads, though TLS keeps them apart.
  bool WriteAtOnce(const std::vector<std::string>& pieces);
  // Waits until the other side ends the connection, or for `patience`; true
  // when it did. What it says meanwhile is thrown away.
  bool Ends(absl::Duration patience);
  // From now on with TLS.
  bool StartTls(ssl_ctx_st* tls);

 private:
  bool Fill();

  const int fd_;
  ssl_st* tls_ = nullptr;
  bool open_ = true;
  std::string buffer_;
};

// A server on loopback that does to each connection what a test says, on a
// thread of its own.
class LoopbackServer {
 public:
  using Script = std::function<void(Peer& peer)>;

  // `tls` null: in the clear.
  explicit LoopbackServer(Script script, ssl_ctx_st* tls = nullptr);
  // Cuts what is open.
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  int port() const { return port_; }
  // Connections that were accepted.
  int connections() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mu_);

  const Script script_;
  ssl_ctx_st* const tls_;
  int listener_ = -1;
  int port_ = 0;

  mutable Mutex mu_;
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mu_);
  std::set<int> open_ ABSL_GUARDED_BY(mu_);
  int connections_ ABSL_GUARDED_BY(mu_) = 0;

  std::thread acceptor_;
};

// A whole answer, with its length.
std::string HttpText(int status, absl::string_view body,
                     absl::string_view more_headers = "");

// Answers every request of a connection with the same bytes.
LoopbackServer::Script AnswerAll(std::string bytes);

}  // namespace chatgate

#endif  // CHATGATE_TESTS_SUPPORT_LOOPBACK_SERVER_H_
