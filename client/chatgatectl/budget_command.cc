#include "client/chatgatectl/budget_command.h"

#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "chatgate/v1/operations.grpc.pb.h"
#include "client/status.h"
#include "google/protobuf/util/time_util.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

namespace chatgate {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int kPage = 1000;

std::string ClassName(v1::Priority priority) {
  return absl::AsciiStrToLower(v1::Priority_Name(priority));
}

void Print(const v1::Budget& budget) {
  std::cout << "app=" << budget.app_id() << " limit=" << budget.limit()
            << " limit_now=" << budget.limit_now()
            << " reply_reserve=" << budget.reply_reserve()
            << " used=" << budget.used() << " free=" << budget.free()
            << " too_many_requests=" << budget.too_many_requests();
  if (budget.has_next_free_time()) {
    std::cout << " next_free=" << TimeUtil::ToString(budget.next_free_time());
  }
  if (budget.has_closed_until()) {
    std::cout << " closed_until=" << TimeUtil::ToString(budget.closed_until());
  }
  for (const v1::BudgetQueue& queue : budget.queues()) {
    std::cout << " waiting[" << ClassName(queue.priority()) << ","
              << queue.caller() << "]=" << queue.waiting();
  }
  for (const v1::BudgetWait& wait : budget.waits()) {
    if (wait.wait_ms() == 0) continue;
    std::cout << " wait[" << ClassName(wait.priority())
              << "]=" << wait.wait_ms() << "ms";
  }
  std::cout << std::endl;
}

// The sum of the last day, by caller and method.
ExitCode PrintSpending(ChatClient& client, uint64_t app_id,
                       const CallOptions& options) {
  std::map<std::pair<std::string, std::string>, std::pair<int64_t, int64_t>>
      sums;
  v1::ListSpendingRequest request;
  request.set_app_id(app_id);
  request.set_page_size(kPage);
  do {
    v1::ListSpendingResponse response;
    const absl::Status status =
        client.Call("ListSpending", request, &response, options);
    if (!status.ok()) return Fail(status);
    for (const v1::Spending& spending : response.spending()) {
      auto& sum = sums[{spending.caller(), spending.method()}];
      sum.first += spending.requests();
      sum.second += spending.saved();
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  for (const auto& [who, sum] : sums) {
    std::cout << "  " << who.first << " " << who.second
              << " requests=" << sum.first << " saved=" << sum.second << "\n";
  }
  return kExitOk;
}

ExitCode Watch(ChatClient& client, uint64_t app_id) {
  const auto stub = v1::OperationsService::NewStub(client.channel());
  grpc::ClientContext context;
  client.Authorize(context);
  v1::WatchBudgetRequest request;
  request.set_app_id(app_id);
  const auto stream = stub->WatchBudget(&context, request);
  v1::WatchBudgetResponse response;
  while (stream->Read(&response)) Print(response.budget());
  const absl::Status status = FromGrpc(stream->Finish());
  return status.ok() ? kExitOk : Fail(status);
}

}  // namespace

ExitCode RunBudget(ChatClient& client,
                   const std::vector<std::string>& arguments,
                   const BudgetOptions& budget, const CallOptions& options) {
  uint64_t app_id = 0;
  if (!arguments.empty() || budget.app_ids.size() > 1 ||
      (budget.app_ids.size() == 1 &&
       !absl::SimpleAtoi(budget.app_ids[0], &app_id))) {
    return FailUsage(absl::InvalidArgumentError(
        "budget takes flags alone: --app_id ID and --watch"));
  }
  if (budget.watch) return Watch(client, app_id);
  v1::GetBudgetRequest request;
  request.set_app_id(app_id);
  v1::GetBudgetResponse response;
  const absl::Status status =
      client.Call("GetBudget", request, &response, options);
  if (!status.ok()) return Fail(status);
  Print(response.budget());
  return PrintSpending(client, app_id, options);
}

}  // namespace chatgate
