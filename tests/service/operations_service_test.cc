#include "server/service/operations_service.h"

#include <memory>
#include <set>
#include <string>

#include "chatgate/v1/operations.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "server/backend/error_table.h"
#include "server/base/mutex.h"
#include "server/service/grpc_server.h"
#include "tests/service/service_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kAdmin[] = "admin-token";
constexpr char kBoundAdmin[] = "bound-admin-token";  // To app 777.

// Answers with what it was asked, or with a failure.
class FakeWebhookOperations final : public WebhookOperations {
 public:
  void ListTargets(const AppIds& app_ids,
                   const v1::ListWebhookTargetsRequest& request,
                   v1::ListWebhookTargetsResponse* response,
                   Done done) override {
    const absl::Status status = See(app_ids);
    response->add_targets()->set_app_id(request.app_id());
    done(status);
  }
  void ListDeliveries(const AppIds& app_ids,
                      const v1::ListWebhookDeliveriesRequest& request,
                      v1::ListWebhookDeliveriesResponse* response,
                      Done done) override {
    const absl::Status status = See(app_ids);
    response->set_next_page_token(request.page_token());
    done(status);
  }
  void Resend(const AppIds& app_ids,
              const v1::ResendWebhookDeliveryRequest& request,
              v1::ResendWebhookDeliveryResponse* response, Done done) override {
    const absl::Status status = See(app_ids);
    response->set_resent(request.delivery_ids_size());
    done(status);
  }

  // A network that the race detector cannot see lies between it and the test.
  AppIds seen_app_ids() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return seen_app_ids_;
  }
  void FailWith(absl::Status status) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    fail_with_ = std::move(status);
  }

 private:
  absl::Status See(const AppIds& app_ids) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    seen_app_ids_ = app_ids;
    return fail_with_;
  }

  Mutex mu_;
  AppIds seen_app_ids_ ABSL_GUARDED_BY(mu_) = {1};
  absl::Status fail_with_ ABSL_GUARDED_BY(mu_);
};

class OperationsServiceTest : public ::testing::Test {
 protected:
  OperationsServiceTest()
      : service_(OperationsService::Create(
            Authenticator({{{"writer", v1::WRITER, {}}, kWriter},
                           {{"admin", v1::ADMIN, {}}, kAdmin},
                           {{"bound", v1::ADMIN, {777}}, kBoundAdmin}}),
            webhooks_)) {
    server_ =
        *GrpcServer::Start({.listen = "127.0.0.1:0"}, {&service_->service()});
    stub_ = v1::OperationsService::NewStub(server_->InProcessChannel());
  }
  ~OperationsServiceTest() override { server_->Shutdown(absl::ZeroDuration()); }

  grpc::Status ListTargets(const std::string& token,
                           v1::ListWebhookTargetsResponse* response) {
    grpc::ClientContext context;
    Authorize(&context, token);
    v1::ListWebhookTargetsRequest request;
    request.set_app_id(777);
    return stub_->ListWebhookTargets(&context, request, response);
  }

  FakeWebhookOperations webhooks_;
  std::unique_ptr<OperationsService> service_;
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<v1::OperationsService::Stub> stub_;
};

TEST_F(OperationsServiceTest, AnAdminGetsTheAnswer) {
  v1::ListWebhookTargetsResponse response;
  EXPECT_THAT(ToAbsl(ListTargets(kAdmin, &response)), IsOk());
  ASSERT_EQ(response.targets_size(), 1);
  EXPECT_EQ(response.targets(0).app_id(), 777);
  EXPECT_THAT(webhooks_.seen_app_ids(), IsEmpty());
}

TEST_F(OperationsServiceTest, EveryCallIsForwarded) {
  grpc::ClientContext list_context;
  Authorize(&list_context, kAdmin);
  v1::ListWebhookDeliveriesRequest list;
  list.set_page_token("7");
  v1::ListWebhookDeliveriesResponse page;
  EXPECT_THAT(ToAbsl(stub_->ListWebhookDeliveries(&list_context, list, &page)),
              IsOk());
  EXPECT_EQ(page.next_page_token(), "7");

  grpc::ClientContext resend_context;
  Authorize(&resend_context, kAdmin);
  v1::ResendWebhookDeliveryRequest resend;
  resend.add_delivery_ids(1);
  v1::ResendWebhookDeliveryResponse resent;
  EXPECT_THAT(
      ToAbsl(stub_->ResendWebhookDelivery(&resend_context, resend, &resent)),
      IsOk());
  EXPECT_EQ(resent.resent(), 1);
}

TEST_F(OperationsServiceTest, ABoundAdminIsHeldToTheirApps) {
  v1::ListWebhookTargetsResponse response;
  EXPECT_THAT(ToAbsl(ListTargets(kBoundAdmin, &response)), IsOk());
  EXPECT_THAT(webhooks_.seen_app_ids(), ElementsAre(777));
}

TEST_F(OperationsServiceTest, AWriterIsRefused) {
  v1::ListWebhookTargetsResponse response;
  EXPECT_THAT(ToAbsl(ListTargets(kWriter, &response)),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(webhooks_.seen_app_ids(), ElementsAre(1));
}

TEST_F(OperationsServiceTest, NobodyIsRefused) {
  v1::ListWebhookTargetsResponse response;
  EXPECT_THAT(ToAbsl(ListTargets("", &response)),
              StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(ToAbsl(ListTargets("guess", &response)),
              StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(webhooks_.seen_app_ids(), ElementsAre(1));
}

TEST_F(OperationsServiceTest, AnErrorKeepsItsField) {
  webhooks_.FailWith(InvalidField("page_size", "must not be negative"));
  v1::ListWebhookTargetsResponse response;
  const grpc::Status status = ListTargets(kAdmin, &response);
  EXPECT_THAT(ToAbsl(status), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(FieldOf(status), "page_size");
}

}  // namespace
}  // namespace chatgate
