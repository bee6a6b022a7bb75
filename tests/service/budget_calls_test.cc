#include <atomic>
#include <memory>
#include <set>
#include <string>

#include "chatgate/v1/operations.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "server/backend/error_table.h"
#include "server/service/grpc_server.h"
#include "server/service/operations_service.h"
#include "tests/service/service_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;

class NoWebhooks final : public WebhookOperations {
 public:
  void ListTargets(const AppIds&, const v1::ListWebhookTargetsRequest&,
                   v1::ListWebhookTargetsResponse*, Done done) override {
    done(absl::OkStatus());
  }
  void ListDeliveries(const AppIds&, const v1::ListWebhookDeliveriesRequest&,
                      v1::ListWebhookDeliveriesResponse*, Done done) override {
    done(absl::OkStatus());
  }
  void Resend(const AppIds&, const v1::ResendWebhookDeliveryRequest&,
              v1::ResendWebhookDeliveryResponse*, Done done) override {
    done(absl::OkStatus());
  }
};

// A budget whose `used` the test sets.
class FakeBudgets final : public BudgetOperations {
 public:
  absl::Status Get(const AppIds& app_ids, uint64_t app_id,
                   v1::Budget* budget) override {
    if (!app_ids.empty() && !app_ids.contains(app_id)) {
      return MakeError("APP_NOT_ALLOWED", "the app is not the caller's");
    }
    budget->set_app_id(app_id);
    budget->set_used(used);
    ++looks;
    return absl::OkStatus();
  }
  void ListSpending(const AppIds&, const v1::ListSpendingRequest& request,
                    v1::ListSpendingResponse* response, Done done) override {
    response->set_next_page_token(request.page_token());
    done(absl::OkStatus());
  }

  std::atomic<int> used = 1;
  std::atomic<int> looks = 0;
};

class BudgetCallsTest : public ::testing::Test {
 protected:
  BudgetCallsTest()
      : service_(OperationsService::Create(
            Authenticator({{{"reader", v1::READER, {}}, kReader},
                           {{"only-777", v1::READER, {777}}, kOnly777}}),
            webhooks_, &budgets_)) {
    server_ =
        *GrpcServer::Start({.listen = "127.0.0.1:0"}, {&service_->service()});
    stub_ = v1::OperationsService::NewStub(server_->InProcessChannel());
  }
  ~BudgetCallsTest() override { server_->Shutdown(absl::ZeroDuration()); }

  grpc::Status Get(const std::string& token, uint64_t app_id,
                   v1::GetBudgetResponse* response) {
    grpc::ClientContext context;
    Authorize(&context, token);
    v1::GetBudgetRequest request;
    request.set_app_id(app_id);
    return stub_->GetBudget(&context, request, response);
  }

  NoWebhooks webhooks_;
  FakeBudgets budgets_;
  std::unique_ptr<OperationsService> service_;
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<v1::OperationsService::Stub> stub_;
};

TEST_F(BudgetCallsTest, AReaderSeesTheBudget) {
  v1::GetBudgetResponse response;
  EXPECT_THAT(ToAbsl(Get(kReader, 777, &response)), IsOk());
  EXPECT_EQ(response.budget().app_id(), 777u);
  EXPECT_EQ(response.budget().used(), 1);
}

TEST_F(BudgetCallsTest, NobodyIsRefused) {
  v1::GetBudgetResponse response;
  EXPECT_THAT(ToAbsl(Get("", 777, &response)),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(BudgetCallsTest, ACallerIsHeldToTheirApps) {
  v1::GetBudgetResponse response;
  EXPECT_THAT(ToAbsl(Get(kOnly777, 888, &response)),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(BudgetCallsTest, SpendingIsForwarded) {
  grpc::ClientContext context;
  Authorize(&context, kReader);
  v1::ListSpendingRequest request;
  request.set_page_token("7");
  v1::ListSpendingResponse response;
  EXPECT_THAT(ToAbsl(stub_->ListSpending(&context, request, &response)),
              IsOk());
  EXPECT_EQ(response.next_page_token(), "7");
}

TEST_F(BudgetCallsTest, AWatchTellsWhatChanges) {
  grpc::ClientContext context;
  Authorize(&context, kReader);
  v1::WatchBudgetRequest request;
  request.set_app_id(777);
  request.set_interval_ms(1);  // As 100.
  const auto stream = stub_->WatchBudget(&context, request);
  v1::WatchBudgetResponse response;
  std::vector<int64_t> seen;
  for (int used = 1; used <= 3; ++used) {
    budgets_.used = used;
    ASSERT_TRUE(stream->Read(&response));
    seen.push_back(response.budget().used());
  }
  EXPECT_THAT(seen, ElementsAre(1, 2, 3));
  context.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

// It rests when the server ends, and must not hold it up.
TEST_F(BudgetCallsTest, AWatchThatRestsEndsWithTheServer) {
  grpc::ClientContext context;
  Authorize(&context, kReader);
  v1::WatchBudgetRequest request;
  request.set_app_id(777);
  request.set_interval_ms(60'000);
  const auto stream = stub_->WatchBudget(&context, request);
  v1::WatchBudgetResponse response;
  ASSERT_TRUE(stream->Read(&response));
  server_->Shutdown(absl::ZeroDuration());
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_FALSE(stream->Finish().ok());
}

TEST_F(BudgetCallsTest, AWatchOfAnothersAppIsRefused) {
  for (const char* token : {"", kOnly777}) {
    grpc::ClientContext context;
    Authorize(&context, token);
    v1::WatchBudgetRequest request;
    request.set_app_id(888);
    const auto stream = stub_->WatchBudget(&context, request);
    v1::WatchBudgetResponse response;
    EXPECT_FALSE(stream->Read(&response));
    EXPECT_FALSE(stream->Finish().ok());
  }
}

}  // namespace
}  // namespace chatgate
