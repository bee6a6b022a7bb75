#include "client/chatgatectl/budget_command.h"

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "chatgate/v1/operations.grpc.pb.h"
#include "client/chatgatectl/answer_text.h"
#include "client/status.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

namespace chatgate {
namespace {

constexpr int kPage = 1000;

std::string ClassName(v1::Priority priority) {
  return absl::AsciiStrToLower(v1::Priority_Name(priority));
}

// `in 23s`: the server's clock may be another one, so never the past.
std::string Until(const google::protobuf::Timestamp& time) {
  const absl::Duration left = absl::Ceil(
      absl::FromUnixSeconds(time.seconds()) - absl::Now(), absl::Seconds(1));
  return absl::StrCat(
      "in ", absl::FormatDuration(std::max(left, absl::ZeroDuration())));
}

std::string Seconds(int64_t milliseconds) {
  return absl::FormatDuration(
      absl::Ceil(absl::Milliseconds(milliseconds), absl::Milliseconds(100)));
}

// `app 777: 12 of 60 used, 48 free (6 for replies alone); ...`
std::string Line(const v1::Budget& budget) {
  std::string line = absl::StrCat(
      "app ", budget.app_id(), ": ", budget.used(), " of ", budget.limit_now(),
      " used, ", budget.free(), " free (",
      std::min(budget.free(), budget.reply_reserve()), " for replies alone)");
  if (budget.limit_now() < budget.limit()) {
    absl::StrAppend(&line, "; ", budget.limit(), " before the last 429");
  }
  if (budget.too_many_requests() > 0) {
    absl::StrAppend(&line, "; ", budget.too_many_requests(),
                    " answers 429 since the start");
  }
  if (budget.has_closed_until()) {
    absl::StrAppend(&line, "; closed, opens ", Until(budget.closed_until()));
  } else if (budget.has_next_free_time()) {
    absl::StrAppend(&line, "; the next slot ends ",
                    Until(budget.next_free_time()));
  }
  for (const v1::BudgetQueue& queue : budget.queues()) {
    absl::StrAppend(&line, "; ", queue.waiting(), " wait: ", queue.caller(),
                    ", ", ClassName(queue.priority()));
  }
  std::string waits;
  for (const v1::BudgetWait& wait : budget.waits()) {
    if (wait.wait_ms() == 0) continue;
    absl::StrAppend(&waits, waits.empty() ? "; now would wait: " : ", ",
                    ClassName(wait.priority()), " ", Seconds(wait.wait_ms()));
  }
  return absl::StrCat(line, waits, "\n");
}

ExitCode Print(const v1::Budget& budget, Reader reader) {
  if (reader == Reader::kPerson) {
    std::cout << Line(budget);
    return Finish(kExitOk);
  }
  const absl::StatusOr<std::string> text = AnswerText(budget, reader);
  if (!text.ok()) return Fail(text.status());
  std::cout << *text;
  return Finish(kExitOk);
}

// The sums of the last day, by caller and method.
using Sums = std::map<std::pair<std::string, std::string>, v1::Spending>;

absl::Status AddUp(ChatClient& client, uint64_t app_id,
                   const CallOptions& options, Sums* sums) {
  v1::ListSpendingRequest request;
  request.set_app_id(app_id);
  request.set_page_size(kPage);
  do {
    v1::ListSpendingResponse response;
    absl::Status status =
        client.Call("ListSpending", request, &response, options);
    if (!status.ok()) return status;
    for (const v1::Spending& spending : response.spending()) {
      v1::Spending& sum = (*sums)[{spending.caller(), spending.method()}];
      sum.set_caller(spending.caller());
      sum.set_method(spending.method());
      sum.set_requests(sum.requests() + spending.requests());
      sum.set_saved(sum.saved() + spending.saved());
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

ExitCode PrintSpending(ChatClient& client, uint64_t app_id,
                       const CallOptions& options, Reader reader) {
  Sums sums;
  const absl::Status status = AddUp(client, app_id, options, &sums);
  if (!status.ok()) return Fail(status);
  if (reader == Reader::kProgram) {
    for (const auto& [who, sum] : sums) {
      const absl::StatusOr<std::string> text = AnswerText(sum, reader);
      if (!text.ok()) return Fail(text.status());
      std::cout << *text;
    }
    return kExitOk;
  }
  if (sums.empty()) {
    std::cout << "nothing was spent in the last 24 hours\n";
    return kExitOk;
  }
  std::vector<std::vector<std::string>> rows;
  int64_t requests = 0;
  int64_t saved = 0;
  for (const auto& [who, sum] : sums) {
    rows.push_back({who.first, who.second, absl::StrCat(sum.requests()),
                    absl::StrCat(sum.saved())});
    requests += sum.requests();
    saved += sum.saved();
  }
  rows.push_back(
      {"all", "in 24 hours", absl::StrCat(requests), absl::StrCat(saved)});
  std::cout << Table({"CALLER", "METHOD", "REQUESTS", "SAVED"}, rows);
  return kExitOk;
}

ExitCode Watch(ChatClient& client, uint64_t app_id, Reader reader) {
  const auto stub = v1::OperationsService::NewStub(client.channel());
  grpc::ClientContext context;
  client.Authorize(context);
  v1::WatchBudgetRequest request;
  request.set_app_id(app_id);
  const auto stream = stub->WatchBudget(&context, request);
  v1::WatchBudgetResponse response;
  ExitCode printed = kExitOk;
  while (printed == kExitOk && stream->Read(&response)) {
    printed = Print(response.budget(), reader);
  }
  if (printed != kExitOk) context.TryCancel();
  const absl::Status status = FromGrpc(stream->Finish());
  if (printed != kExitOk) return printed;
  return status.ok() ? kExitOk : Fail(status);
}

}  // namespace

ExitCode RunBudget(ChatClient& client,
                   const std::vector<std::string>& arguments,
                   const BudgetOptions& budget, const CallOptions& options,
                   Reader reader) {
  uint64_t app_id = 0;
  if (!arguments.empty() || budget.app_ids.size() > 1 ||
      (budget.app_ids.size() == 1 &&
       !absl::SimpleAtoi(budget.app_ids[0], &app_id))) {
    return FailUsage(absl::InvalidArgumentError(
        "budget takes flags alone: --app_id ID and --watch"));
  }
  if (budget.watch) return Watch(client, app_id, reader);
  v1::GetBudgetRequest request;
  request.set_app_id(app_id);
  v1::GetBudgetResponse response;
  const absl::Status status =
      client.Call("GetBudget", request, &response, options);
  if (!status.ok()) return Fail(status);
  const ExitCode printed = Print(response.budget(), reader);
  if (printed != kExitOk) return printed;
  return PrintSpending(client, app_id, options, reader);
}

}  // namespace chatgate
