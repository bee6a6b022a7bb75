#include "server/service/grpc_server.h"

#include "google/protobuf/descriptor.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/service/service_fixture.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;
using HealthResponse = grpc::health::v1::HealthCheckResponse;

class GrpcServerTest : public ServiceFixture {
 protected:
  HealthResponse::ServingStatus Health(const std::string& service) {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    HealthResponse response;
    const grpc::Status status =
        grpc::health::v1::Health::NewStub(channel_)->Check(&context, request,
                                                           &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.status();
  }
};

TEST_F(GrpcServerTest, HealthIsOpenAndFollowsReadiness) {
  EXPECT_EQ(Health(""), HealthResponse::SERVING);
  EXPECT_EQ(Health("chatgate.v1.ChatService"), HealthResponse::SERVING);
  server_->SetServing(false);
  EXPECT_EQ(Health(""), HealthResponse::NOT_SERVING);
  EXPECT_EQ(Health("chatgate.v1.ChatService"), HealthResponse::NOT_SERVING);
}

TEST_F(GrpcServerTest, ReflectionCanDescribeHealth) {
  EXPECT_NE(
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "grpc.health.v1.Health"),
      nullptr);
}

TEST_F(GrpcServerTest, TheAddressHasThePortThatWasBound) {
  EXPECT_THAT(server_->address(), ::testing::StartsWith("127.0.0.1:"));
  EXPECT_NE(server_->address(), "127.0.0.1:0");
}

TEST_F(GrpcServerTest, ATakenPortIsRefusedClearly) {
  EXPECT_THAT(
      GrpcServer::Start({.listen = server_->address()}, {&service_->service()}),
      StatusIs(absl::StatusCode::kUnavailable,
               HasSubstr("Address already in use")));
}

TEST_F(GrpcServerTest, AnAddressOfOthersIsRefusedClearly) {
  EXPECT_THAT(
      GrpcServer::Start({.listen = "192.0.2.1:0"}, {&service_->service()}),
      StatusIs(absl::StatusCode::kUnavailable,
               HasSubstr("cannot listen on 192.0.2.1:0")));
}

TEST_F(GrpcServerTest, KeysThatAreNoneAreRefusedClearly) {
  EXPECT_THAT(GrpcServer::Start(
                  {.listen = "127.0.0.1:0", .tls = TlsKeys{"no", "keys", ""}},
                  {&service_->service()}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("certificate or key")));
}

TEST_F(GrpcServerTest, AMessageOverFourMebibytesIsRefused) {
  grpc::ClientContext context;
  Authorize(&context, kOnly777);
  v1::ReplyToConversationRequest request;
  request.set_body(std::string(5 << 20, 'x'));
  v1::ReplyToConversationResponse response;
  EXPECT_THAT(ToAbsl(stub_->ReplyToConversation(&context, request, &response)),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace chatgate
