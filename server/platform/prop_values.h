#ifndef CHATGATE_SERVER_PLATFORM_PROP_VALUES_H_
#define CHATGATE_SERVER_PLATFORM_PROP_VALUES_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/struct.pb.h"
#include "server/platform/context.h"

// Values of properties: whole numbers to 2^53 either way, text of 255
// characters, booleans, and lists of at most 30 such texts.
namespace chatgate::platform {

// Why the value is none of those; empty when it is one.
std::string WhyNoPropValue(const ReadContext& context,
                           const google::protobuf::Value& value);

// Null, an empty text or an empty list: the operation is ignored.
bool IsEmptyValue(const google::protobuf::Value& value);

// A number, or text that reads as one.
std::optional<double> NumberOf(const google::protobuf::Value& value);

// A text `YYYY-MM-DD[THH:MM:SS]`, UTC.
std::optional<absl::Time> TimeOf(const google::protobuf::Value& value);

bool SameValue(const google::protobuf::Value& a,
               const google::protobuf::Value& b);

// Numbers before texts before lists before no value; false before true before
// other numbers.
bool ValueLess(const google::protobuf::Value& a,
               const google::protobuf::Value& b);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_PROP_VALUES_H_
