#ifndef CHATGATE_SERVER_PLATFORM_FILTERS_H_
#define CHATGATE_SERVER_PLATFORM_FILTERS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chatgate/v1/chat_service.pb.h"
#include "server/platform/context.h"

namespace chatgate::platform {

// The conditions of a ListUsers, checked once and asked of every lead.
class LeadFilter {
 public:
  // ValidationError naming the condition, such as `filters[2].type`.
  static absl::StatusOr<LeadFilter> Build(const ReadContext& context,
                                          const v1::UserFilters& filters);

  bool empty() const { return filters_.filters().empty(); }
  // The properties to ask for, in the order of the conditions.
  std::vector<std::string> keys() const;
  // `values` stand in the order of keys(); null where the lead has none.
  bool Matches(const std::vector<google::protobuf::Value>& values) const;

 private:
  LeadFilter(v1::UserFilters filters, absl::Time now)
      : filters_(std::move(filters)), now_(now) {}

  v1::UserFilters filters_;
  absl::Time now_;
};

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_FILTERS_H_
