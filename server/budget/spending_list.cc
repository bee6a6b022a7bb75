#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/budget/budget_table.h"

namespace chatgate::budget_table {
namespace {

constexpr char kPage[] =
    "SELECT hour, caller, method, requests, saved FROM budget_spending"
    " WHERE app_id=?1 AND hour>=?2 AND (hour, caller, method) > (?3, ?4, ?5)"
    " ORDER BY hour, caller, method LIMIT ?6";

// The last row of a page: `HOUR/METHOD/CALLER`. Only the caller's name may hold
// a slash.
struct LastRow {
  int64_t hour = -1;
  std::string caller;
  std::string method;
};

bool ReadToken(const std::string& token, LastRow* last) {
  const std::vector<std::string> parts =
      absl::StrSplit(token, absl::MaxSplits('/', 2));
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &last->hour)) {
    return false;
  }
  last->method = parts[1];
  last->caller = parts[2];
  return true;
}

}  // namespace

absl::Status ListSpending(Connection& connection, uint64_t app_id,
                          absl::Time start, int rows_max,
                          const std::string& page_token,
                          v1::ListSpendingResponse* response) {
  LastRow last;
  if (!page_token.empty() && !ReadToken(page_token, &last)) {
    return InvalidField("page_token", "is none of this gateway's");
  }
  ASSIGN_OR_RETURN(Statement page, connection.Prepare(kPage));
  page.Bind(0, IdToSql(app_id));
  // Only hours that begin at `start` or later.
  page.Bind(
      1, (absl::ToUnixSeconds(start + absl::Seconds(1) - absl::Nanoseconds(1)) +
          3599) /
             3600);
  page.Bind(2, last.hour);
  page.Bind(3, last.caller);
  page.Bind(4, last.method);
  page.Bind(5, int64_t{rows_max} + 1);
  while (true) {
    ASSIGN_OR_RETURN(const bool row, page.Step());
    if (!row) return absl::OkStatus();
    if (response->spending_size() == rows_max) break;
    v1::Spending& spending = *response->add_spending();
    spending.mutable_hour()->set_seconds(page.Int(0) * 3600);
    spending.set_caller(std::string(page.Text(1)));
    spending.set_method(std::string(page.Text(2)));
    spending.set_requests(page.Int(3));
    spending.set_saved(page.Int(4));
  }
  const v1::Spending& end = response->spending(rows_max - 1);
  response->set_next_page_token(absl::StrCat(end.hour().seconds() / 3600, "/",
                                             end.method(), "/", end.caller()));
  return absl::OkStatus();
}

}  // namespace chatgate::budget_table
