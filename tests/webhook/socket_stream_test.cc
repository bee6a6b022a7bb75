#include "webhook/socket_stream.h"

#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <thread>

#include "server/base/mutex.h"
#include "tests/support/status_matchers.h"
#include "tests/webhook/raw_client.h"
#include "webhook/listener.h"

namespace chatgate {
namespace {

// One connection: `client_` is its far end.
class SocketStreamTest : public ::testing::Test {
 protected:
  SocketStreamTest() : listener_(*Listener::Bind("127.0.0.1:0", true)) {
    listener_->Start(
        [this](int socket) {
          MutexLock lock(mu_);
          accepted_ = socket;
          changed_.Signal();
          return true;
        },
        [] {});
    client_.emplace(listener_->port());
    MutexLock lock(mu_);
    while (accepted_ < 0) changed_.Wait(mu_);
    socket_ = accepted_;
  }
  ~SocketStreamTest() override {
    listener_->Stop();
    ::close(socket_);
  }

  const std::unique_ptr<Listener> listener_;
  std::optional<RawClient> client_;
  int socket_ = -1;

 private:
  Mutex mu_;
  CondVar changed_;
  int accepted_ ABSL_GUARDED_BY(mu_) = -1;
};

TEST_F(SocketStreamTest, HasEndedOnceTheOtherSideClosesItsHalf) {
  SocketStream stream(socket_);
  EXPECT_FALSE(stream.HasEnded());
  client_->EndSending();
  while (!stream.HasEnded()) std::this_thread::yield();
}

TEST_F(SocketStreamTest, HasEndedThoughSomethingIsUnread) {
  SocketStream stream(socket_);
  client_->Send("more");
  client_.reset();
  while (!stream.HasEnded()) std::this_thread::yield();
}

// A server that stops reads no more, and still has something to say.
TEST_F(SocketStreamTest, HasNotEndedByAShutdownOnThisSide) {
  SocketStream stream(socket_);
  ASSERT_EQ(::shutdown(socket_, SHUT_RD), 0);
  EXPECT_FALSE(stream.HasEnded());
}

}  // namespace
}  // namespace chatgate
