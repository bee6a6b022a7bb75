#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/backend/arguments.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/platform/arguments.h"
#include "server/platform/filters.h"
#include "server/platform/methods.h"
#include "server/platform/prop_values.h"
#include "server/platform/sql.h"
#include "server/platform/user_row.h"
#include "server/platform/user_view.h"

namespace chatgate::platform {

namespace {

using ::google::protobuf::Value;

constexpr char kDefaultSort[] = "$last_seen";

// A lead that matches, and what it is sorted by.
struct Match {
  int64_t row;
  Value sort_value;
};

// Goes over the leads along their index of `$last_seen`, and keeps what matches
// in that order. Other properties are sorted afterwards: they have no index.
class LeadScan {
 public:
  LeadScan(const ReadContext& context, const LeadFilter& filter,
           std::string sort_prop, bool descending)
      : context_(context),
        filter_(filter),
        sort_prop_(std::move(sort_prop)),
        descending_(descending) {}

  absl::StatusOr<std::vector<Match>> Run() {
    const int64_t max =
        static_cast<int64_t>(context_.limits.leads_examined_max);
    ASSIGN_OR_RETURN(
        Statement select,
        context_.Prepare(descending_ ? kListLeadsDescending : kListLeads));
    select.Bind(0, context_.app.sql_id());
    select.Bind(1, max + 1);
    select.Bind(2, int64_t{0});
    std::vector<Match> matches;
    for (int64_t examined = 0;; ++examined) {
      ASSIGN_OR_RETURN(const bool row, select.Step());
      if (!row) break;
      if (examined == max) {
        return MakeError("BadRequest",
                         absl::StrCat("the app has more than ", max,
                                      " leads, which is more than a list "
                                      "examines"));
      }
      RETURN_IF_ERROR(Examine(ReadUserRow(select), matches));
    }
    if (sort_prop_ != kDefaultSort) Sort(matches);
    return matches;
  }

 private:
  absl::Status Examine(const UserRow& user, std::vector<Match>& matches) {
    std::vector<Value> values;
    for (const std::string& key : filter_.keys()) {
      ASSIGN_OR_RETURN(Value value, ReadProp(context_, user, key));
      values.push_back(std::move(value));
    }
    if (!filter_.Matches(values)) return absl::OkStatus();
    Match match{user.row, {}};
    if (sort_prop_ != kDefaultSort) {
      ASSIGN_OR_RETURN(match.sort_value, ReadProp(context_, user, sort_prop_));
    }
    matches.push_back(std::move(match));
    return absl::OkStatus();
  }

  // Leads without the property come last either way: unknown in the facts.
  void Sort(std::vector<Match>& matches) const {
    std::stable_sort(
        matches.begin(), matches.end(), [this](const Match& a, const Match& b) {
          const bool has_a = !a.sort_value.has_null_value();
          const bool has_b = !b.sort_value.has_null_value();
          if (!has_a || !has_b) return has_a && !has_b;
          return descending_ ? ValueLess(b.sort_value, a.sort_value)
                             : ValueLess(a.sort_value, b.sort_value);
        });
  }

  const ReadContext& context_;
  const LeadFilter& filter_;
  const std::string sort_prop_;
  const bool descending_;
};

// False once the page is full.
absl::StatusOr<bool> AddUser(const ReadContext& context, const UserRow& user,
                             int page_size, v1::ListUsersResponse* response) {
  ASSIGN_OR_RETURN(*response->add_users(), ViewUser(context, user));
  return response->users_size() < page_size &&
         response->ByteSizeLong() < context.limits.page_bytes_max;
}

absl::Status ListBySeen(const ReadContext& context, int64_t offset,
                        int page_size, bool descending,
                        v1::ListUsersResponse* response) {
  {
    ASSIGN_OR_RETURN(Statement count, context.Prepare(kCountLeads));
    count.Bind(0, context.app.sql_id());
    RETURN_IF_ERROR(count.Step().status());
    response->set_total(count.Int(0));
  }
  ASSIGN_OR_RETURN(
      Statement select,
      context.Prepare(descending ? kListLeadsDescending : kListLeads));
  select.Bind(0, context.app.sql_id());
  select.Bind(1, int64_t{page_size});
  select.Bind(2, offset);
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return absl::OkStatus();
    ASSIGN_OR_RETURN(const bool more, AddUser(context, ReadUserRow(select),
                                              page_size, response));
    if (!more) return absl::OkStatus();
  }
}

}  // namespace

absl::Status ListUsers(const ReadContext& context,
                       const v1::ListUsersRequest& request,
                       v1::ListUsersResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  if (request.offset() < 0)
    return InvalidField("offset", "must not be negative");
  RETURN_IF_ERROR(CheckText("sort_prop", request.sort_prop(), 0,
                            context.limits.name_chars_max));
  const std::string& order = request.sort_order();
  if (!order.empty() && order != "asc" && order != "desc")
    return InvalidField("sort_order", "must be `asc` or `desc`");
  ASSIGN_OR_RETURN(const LeadFilter filter,
                   LeadFilter::Build(context, request.filters()));

  const std::string sort_prop =
      request.sort_prop().empty() ? kDefaultSort : request.sort_prop();
  const bool descending = order != "asc";
  // The list that everybody asks for comes from the index alone.
  if (filter.empty() && sort_prop == kDefaultSort) {
    return ListBySeen(context, request.offset(), page_size, descending,
                      response);
  }
  LeadScan scan(context, filter, sort_prop, descending);
  ASSIGN_OR_RETURN(const std::vector<Match> matches, scan.Run());
  response->set_total(static_cast<int64_t>(matches.size()));
  for (auto i = static_cast<uint64_t>(request.offset()); i < matches.size();
       ++i) {
    ASSIGN_OR_RETURN(const UserRow user,
                     FindUserByRow(context, matches[i].row));
    ASSIGN_OR_RETURN(const bool more,
                     AddUser(context, user, page_size, response));
    if (!more) return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace chatgate::platform
