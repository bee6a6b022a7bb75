#include <thread>

#include "tests/service/service_fixture.h"
#include "tests/support/tcp_relay.h"

namespace chatgate {
namespace {

// The only place for a stream is taken by one whose client has fallen silent,
// as a machine without power does, or one behind a network that drops all.
class KeepaliveTest : public ServiceFixture {
 protected:
  KeepaliveTest() : ServiceFixture(ChatServiceOptions{.streams_max = 1}) {}
};

TEST_F(KeepaliveTest, AHalfOpenConnectionLosesItsStreams) {
  const auto server =
      *GrpcServer::Start({.listen = "127.0.0.1:0",
                          .queues = 1,
                          .keepalive_interval = absl::Milliseconds(100),
                          .keepalive_timeout = absl::Seconds(2)},
                         {&service_->service()});
  const auto relay = TcpRelay::Start(server->address());
  const auto stub = v1::ChatService::NewStub(grpc::CreateChannel(
      relay->address(), grpc::InsecureChannelCredentials()));
  TestStream silent(*stub, kReader, {});
  ASSERT_TRUE(silent.Next().has_heartbeat());
  EXPECT_THAT(ToAbsl(SubscribeError({})),
              StatusIs(absl::StatusCode::kResourceExhausted));
  relay->Freeze();
  while (!Subscribe()->Next().has_heartbeat()) std::this_thread::yield();
  server->Shutdown(absl::ZeroDuration());
}

}  // namespace
}  // namespace chatgate
