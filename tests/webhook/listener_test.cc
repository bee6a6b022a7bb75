#include "webhook/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "server/base/mutex.h"
#include "tests/support/status_matchers.h"
#include "tests/webhook/raw_client.h"

namespace chatgate {
namespace {

class ListenerTest : public ::testing::Test {
 protected:
  ListenerTest() : listener_(*Listener::Bind("127.0.0.1:0", true)) {}

  std::unique_ptr<Listener> listener_;
};

// Nobody accepts here: what is beyond the backlog would wait for ever. The
// library's own of five made a burst of connections wait for a second.
TEST_F(ListenerTest, ABurstOfConnectionsHasRoom) {
  std::vector<int> sockets;
  for (int i = 0; i < 100; ++i) {
    const int socket =
        ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(listener_->port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    sockets.push_back(socket);
  }
  for (const int socket : sockets) {
    pollfd entry = {socket, POLLOUT, 0};
    EXPECT_EQ(::poll(&entry, 1, 30'000), 1);
    EXPECT_EQ(entry.revents, POLLOUT);
    ::close(socket);
  }
}

// Or every answer on a kept connection would wait 40 ms for an acknowledgement.
TEST_F(ListenerTest, WhatIsWrittenIsSentAtOnce) {
  Mutex mu;
  CondVar changed;
  int no_delay = -1;
  listener_->Start(
      [&](int socket) {
        int value = 0;
        socklen_t size = sizeof(value);
        ::getsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &value, &size);
        ::close(socket);
        MutexLock lock(mu);
        no_delay = value;
        changed.Signal();
        return true;
      },
      [] {});
  const RawClient client(listener_->port());
  {
    MutexLock lock(mu);
    while (no_delay < 0) changed.Wait(mu);
    EXPECT_NE(no_delay, 0);
  }
  listener_->Stop();
}

}  // namespace
}  // namespace chatgate
