#include "server/service/grpc_server.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "server/service/health_service.h"
#include "tests/service/service_fixture.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;
using HealthResponse = grpc::health::v1::HealthCheckResponse;

// One stream of Health.Watch.
class HealthWatch {
 public:
  HealthWatch(const std::shared_ptr<grpc::Channel>& channel,
              const std::string& service)
      : stub_(grpc::health::v1::Health::NewStub(channel)) {
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    reader_ = stub_->Watch(&context_, request);
  }
  ~HealthWatch() {
    context_.TryCancel();
    Drain();
  }

  // UNKNOWN once it has ended.
  HealthResponse::ServingStatus Next() {
    HealthResponse response;
    return reader_->Read(&response) ? response.status()
                                    : HealthResponse::UNKNOWN;
  }
  // How it ended.
  grpc::Status Status() {
    Drain();
    return *ended_;
  }

 private:
  void Drain() {
    if (ended_.has_value()) return;
    while (Next() != HealthResponse::UNKNOWN) continue;
    ended_ = reader_->Finish();
  }

  const std::unique_ptr<grpc::health::v1::Health::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<HealthResponse>> reader_;
  std::optional<grpc::Status> ended_;
};

// The status of a call whose request is these bytes.
grpc::Status CallWithBytes(const std::shared_ptr<grpc::Channel>& channel,
                           const std::string& method,
                           grpc::ClientContext* context,
                           const grpc::ByteBuffer& request) {
  grpc::CompletionQueue queue;
  const auto stream =
      grpc::GenericStub(channel).PrepareCall(context, method, &queue);
  const auto wait = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
  };
  stream->StartCall(nullptr);
  wait();
  stream->WriteLast(request, grpc::WriteOptions(), nullptr);
  wait();
  grpc::Status status;
  stream->Finish(&status, nullptr);
  wait();
  return status;
}

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

TEST_F(GrpcServerTest, HealthKnowsNoOtherService) {
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckRequest request;
  request.set_service("chatgate.v1.Nothing");
  HealthResponse response;
  EXPECT_THAT(ToAbsl(grpc::health::v1::Health::NewStub(channel_)->Check(
                  &context, request, &response)),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(GrpcServerTest, AHealthWatchFollowsReadiness) {
  HealthWatch watch(channel_, "chatgate.v1.ChatService");
  EXPECT_EQ(watch.Next(), HealthResponse::SERVING);
  server_->SetServing(false);
  EXPECT_EQ(watch.Next(), HealthResponse::NOT_SERVING);
  server_->SetServing(true);
  EXPECT_EQ(watch.Next(), HealthResponse::SERVING);
}

TEST_F(GrpcServerTest, AHealthWatchOfAnUnknownServiceStays) {
  HealthWatch watch(channel_, "chatgate.v1.Nothing");
  EXPECT_EQ(watch.Next(), HealthResponse::SERVICE_UNKNOWN);
}

TEST_F(GrpcServerTest, HealthWatchesHaveALimit) {
  std::vector<std::unique_ptr<HealthWatch>> watches;
  for (size_t i = 0; i < HealthService::kWatchesMax; ++i) {
    watches.push_back(std::make_unique<HealthWatch>(channel_, ""));
    ASSERT_EQ(watches.back()->Next(), HealthResponse::SERVING);
  }
  EXPECT_EQ(HealthWatch(channel_, "").Status().error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  // One that goes makes room, once the server has seen it.
  watches.pop_back();
  while (HealthWatch(channel_, "").Next() != HealthResponse::SERVING) continue;
}

TEST_F(GrpcServerTest, HealthRefusesNamesThatAreTooLong) {
  const std::string longer(201, 'x');
  EXPECT_EQ(HealthWatch(channel_, longer).Status().error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(longer);
  HealthResponse response;
  EXPECT_THAT(ToAbsl(grpc::health::v1::Health::NewStub(channel_)->Check(
                  &context, request, &response)),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(GrpcServerTest, AHealthWatchDoesNotHoldUpTheEnd) {
  HealthWatch watch(channel_, "");
  ASSERT_EQ(watch.Next(), HealthResponse::SERVING);
  // It would wait for so long.
  server_->Shutdown(absl::Hours(1));
  EXPECT_EQ(watch.Status().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(GrpcServerTest, BytesThatAreNoRequestAreRefused) {
  for (const char* method : {"GetConversation", "ListEvents", "Subscribe"}) {
    grpc::ClientContext context;
    Authorize(&context, kReader);
    const grpc::Slice wrong("\xff\xff\xff");
    const grpc::Status status = CallWithBytes(
        channel_, absl::StrCat("/chatgate.v1.ChatService/", method), &context,
        grpc::ByteBuffer(&wrong, 1));
    EXPECT_THAT(ToAbsl(status),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("the bytes are no chatgate.v1.", method,
                                      "Request, or a text in them is not "
                                      "UTF-8")));
    EXPECT_EQ(ReasonOf(status), "BadRequest");
  }
}

TEST_F(GrpcServerTest, AMethodThatIsNotThereIsUnimplemented) {
  grpc::ClientContext context;
  Authorize(&context, kReader);
  EXPECT_THAT(ToAbsl(CallWithBytes(channel_, "/chatgate.v1.ChatService/Nothing",
                                   &context, grpc::ByteBuffer())),
              StatusIs(absl::StatusCode::kUnimplemented));
}

TEST_F(GrpcServerTest, SeveralQueuesShareTheCalls) {
  const auto server = *GrpcServer::Start({.listen = "127.0.0.1:0", .queues = 3},
                                         {&service_->service()});
  server->SetServing(true);
  std::vector<std::unique_ptr<HealthWatch>> watches;
  for (int i = 0; i < 50; ++i) {
    watches.push_back(
        std::make_unique<HealthWatch>(server->InProcessChannel(), ""));
    EXPECT_EQ(watches.back()->Next(), HealthResponse::SERVING);
  }
  server->SetServing(false);
  for (const auto& watch : watches) {
    EXPECT_EQ(watch->Next(), HealthResponse::NOT_SERVING);
  }
  server->Shutdown(absl::ZeroDuration());
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
