#include "server/service/record_service.h"

#include <memory>
#include <string>

#include "chatgate/v1/records.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "server/service/grpc_server.h"
#include "tests/service/service_fixture.h"

namespace chatgate {
namespace {

constexpr char kAdmin[] = "admin-token";
constexpr char kBoundAdmin[] = "bound-admin-token";  // To app 777.
constexpr char kOtherAdmin[] = "other-admin-token";  // To an app elsewhere.

// Tells which app was asked.
class RecordBackend final : public Backend {
 public:
  void Call(const CallContext& context,
            const google::protobuf::Message& request,
            google::protobuf::Message* response, Done done) override {
    static_cast<void>(request);
    static_cast<v1::ExportRecordsResponse*>(response)->set_version(
        std::to_string(context.app_id));
    done(absl::OkStatus());
  }
};

class RecordServiceTest : public ::testing::Test {
 protected:
  RecordServiceTest()
      : service_(RecordService::Create(
            Authenticator({{{"writer", v1::WRITER, {}}, kWriter},
                           {{"admin", v1::ADMIN, {}}, kAdmin},
                           {{"bound", v1::ADMIN, {777}}, kBoundAdmin},
                           {{"other", v1::ADMIN, {999}}, kOtherAdmin}}),
            {{777, &backend_}, {888, &backend_}})) {
    server_ =
        *GrpcServer::Start({.listen = "127.0.0.1:0"}, {&service_->service()});
    stub_ = v1::RecordService::NewStub(server_->InProcessChannel());
  }
  ~RecordServiceTest() override { server_->Shutdown(absl::ZeroDuration()); }

  absl::Status Export(const std::string& token, uint64_t app_id,
                      std::string* asked_app = nullptr) {
    grpc::ClientContext context;
    Authorize(&context, token);
    v1::ExportRecordsRequest request;
    request.set_app_id(app_id);
    v1::ExportRecordsResponse response;
    const absl::Status status =
        ToAbsl(stub_->ExportRecords(&context, request, &response));
    if (asked_app != nullptr) *asked_app = response.version();
    return status;
  }

  RecordBackend backend_;
  std::unique_ptr<RecordService> service_;
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<v1::RecordService::Stub> stub_;
};

TEST_F(RecordServiceTest, TheNamedAppIsAsked) {
  std::string app;
  EXPECT_THAT(Export(kAdmin, 888, &app), IsOk());
  EXPECT_EQ(app, "888");
}

TEST_F(RecordServiceTest, TheOnlyAppNeedsNoName) {
  std::string app;
  EXPECT_THAT(Export(kBoundAdmin, 0, &app), IsOk());
  EXPECT_EQ(app, "777");
  EXPECT_THAT(Export(kAdmin, 0), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(RecordServiceTest, OnlyAnAdminMayMoveRecords) {
  EXPECT_THAT(Export(kWriter, 777),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Export("unknown", 777),
              StatusIs(absl::StatusCode::kUnauthenticated));
  grpc::ClientContext without_token;
  v1::ImportRecordsResponse response;
  EXPECT_THAT(ToAbsl(stub_->ImportRecords(
                  &without_token, v1::ImportRecordsRequest(), &response)),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(RecordServiceTest, AnAppOfOthersIsDenied) {
  EXPECT_THAT(Export(kBoundAdmin, 888),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Export(kAdmin, 999),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Export(kOtherAdmin, 0),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

}  // namespace
}  // namespace chatgate
