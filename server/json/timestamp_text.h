#ifndef CHATGATE_SERVER_JSON_TIMESTAMP_TEXT_H_
#define CHATGATE_SERVER_JSON_TIMESTAMP_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/timestamp.pb.h"

namespace chatgate {

// RFC 3339 in UTC with as many fractional digits as needed, up to nine.
std::string FormatTimestamp(const google::protobuf::Timestamp& time);

// False where `text` is no RFC 3339 time of the years 1 to 9999.
bool ParseTimestamp(absl::string_view text, google::protobuf::Timestamp* out);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_JSON_TIMESTAMP_TEXT_H_
