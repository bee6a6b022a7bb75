#ifndef CHATGATE_SERVER_PLATFORM_PROP_OPERATION_H_
#define CHATGATE_SERVER_PLATFORM_PROP_OPERATION_H_

#include <string>

#include "absl/strings/string_view.h"
#include "chatgate/v1/chat_service.pb.h"
#include "server/platform/context.h"

// What an operation makes of a property, without the database.
namespace chatgate::platform {

// Either a reason why the operation is ignored, or the value that the property
// has afterwards: null for none, the same as before for no change.
struct PropOutcome {
  std::string reason;
  google::protobuf::Value value;
};

// Why no caller may set the key; empty when one may.
std::string WhyNoKey(const ReadContext& context, absl::string_view key);

// `before` is null where the lead has no such property.
PropOutcome ApplyOperation(const ReadContext& context,
                           const v1::PropOperation& operation,
                           const google::protobuf::Value& before);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_PROP_OPERATION_H_
