#ifndef CHATGATE_CLIENT_FAKE_UPSTREAM_FAKE_UPSTREAM_H_
#define CHATGATE_CLIENT_FAKE_UPSTREAM_FAKE_UPSTREAM_H_

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "client/fake_upstream/fault.h"
#include "client/fake_upstream/plain_socket.h"
#include "client/fake_upstream/request_limit.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"

namespace chatgate {

struct FakeUpstreamOptions {
  std::string listen_host = "127.0.0.1";  // In digits; loopback alone.
  uint16_t listen_port = 0;               // 0 picks a free one.
  // The REST form that answers: a gateway with the embedded platform.
  std::string to_host = "127.0.0.1";
  uint16_t to_port = 0;
  LimitKind limit_kind = LimitKind::kSlidingWindow;
  int requests_per_minute = 0;  // 0: no limit.
};

// FakeUpstream is a Web API that breaks: it stands before a real REST form and
// lets requests fail as a plan says, so that what speaks to a platform can be
// tested without an account.
//
//   ASSIGN_OR_RETURN(auto upstream, FakeUpstream::Start(options, plan));
//   // Requests to upstream->port() now fail sometimes.
//
// Threads:  a thread for each connection, at most 64; the next one is closed at
//           once. Any may ask for the counts.
// Lifetime: the destructor ends every connection, and waits for them.
class FakeUpstream {
 public:
  // UNAVAILABLE: the port is taken. INVALID_ARGUMENT: `listen_host` is not
  // loopback.
  static absl::StatusOr<std::unique_ptr<FakeUpstream>> Start(
      const FakeUpstreamOptions& options, FaultPlan plan,
      const Clock& clock = Clock::System());
  ~FakeUpstream();
  FakeUpstream(const FakeUpstream&) = delete;
  FakeUpstream& operator=(const FakeUpstream&) = delete;

  uint16_t port() const { return port_; }
  // How often each fault happened; `none` is what went well.
  std::map<Fault, int64_t> counts() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Connection;

  FakeUpstream(const FakeUpstreamOptions& options, FaultPlan plan,
               const Clock& clock, int listener, uint16_t port);

  void Accept();
  void Serve(Connection& connection);
  // Answers one request. False: the connection is to end.
  bool Answer(Connection& connection, const HttpBytes& request);
  bool SendFaulty(Connection& connection, const FaultPlan::Draw& draw,
                  const HttpBytes& answer);
  // What the REST form says; UNAVAILABLE where it says nothing.
  absl::StatusOr<HttpBytes> Ask(Connection& connection,
                                const HttpBytes& request);
  // OUT_OF_RANGE: the connection had ended before.
  absl::StatusOr<HttpBytes> AskOnce(Connection& connection,
                                    const HttpBytes& request);
  // Waits; false when everything ends meanwhile.
  bool Pause(absl::Duration delay) ABSL_LOCKS_EXCLUDED(mu_);
  void Count(Fault fault) ABSL_LOCKS_EXCLUDED(mu_);
  void JoinEnded() ABSL_LOCKS_EXCLUDED(mu_);

  const FakeUpstreamOptions options_;
  FaultPlan plan_;
  const Clock& clock_;  // Outlives this.
  const int listener_;
  const uint16_t port_;
  RequestLimit limit_;

  mutable Mutex mu_;
  CondVar stopped_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::map<Fault, int64_t> counts_ ABSL_GUARDED_BY(mu_);
  std::list<Connection> connections_ ABSL_GUARDED_BY(mu_);
  std::thread acceptor_;
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_FAKE_UPSTREAM_FAKE_UPSTREAM_H_
