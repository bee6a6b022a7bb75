#include "server/web_api/request_defaults.h"

#include "absl/strings/match.h"
#include "chatgate/v1/chat_service.pb.h"
#include "server/backend/arguments.h"

namespace chatgate {

void FillDefaults(google::protobuf::Message* request) {
  LimitPageSize(request);
  auto* users = dynamic_cast<v1::ListUsersRequest*>(request);
  if (users == nullptr || !users->has_filters()) return;
  v1::UserFilters& filters = *users->mutable_filters();
  if (filters.type().empty()) filters.set_type("and");
  for (v1::UserFilter& filter : *filters.mutable_filters()) {
    // `{}` for a type that compares with nothing.
    v1::UserFilterValue& value = *filter.mutable_value();
    const bool is_of_days = absl::StartsWith(filter.type(), "days");
    if (is_of_days && value.unit().empty()) value.set_unit("days");
  }
}

}  // namespace chatgate
