#ifndef CHATGATE_SERVER_PLATFORM_RECORD_CHECKS_H_
#define CHATGATE_SERVER_PLATFORM_RECORD_CHECKS_H_

#include <string>

#include "absl/status/status.h"
#include "chatgate/v1/records.pb.h"
#include "google/protobuf/timestamp.pb.h"

// What a record must be, whatever is there already. `field` is its place in the
// request. ValidationError names what is wrong.
namespace chatgate::platform {

// A time that may be unset.
absl::Status CheckRecordTime(const std::string& field,
                             const google::protobuf::Timestamp& time);

// Times and presence of a person.
absl::Status CheckUserRecord(const std::string& field,
                             const v1::UserRecord& user);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_RECORD_CHECKS_H_
