#ifndef CHATGATE_SERVER_PLATFORM_RECORDS_H_
#define CHATGATE_SERVER_PLATFORM_RECORDS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "chatgate/v1/records.pb.h"
#include "server/platform/context.h"

// What an app holds, as records that another platform can take: nothing that a
// method would ever tell is lost on the way round.
namespace chatgate::platform {

// A page of records, in the order in which import takes them. Examines a
// bounded number of rows, other apps' included, so that a page may be empty and
// have a next one.
absl::Status ExportRecords(const ReadContext& context,
                           const v1::ExportRecordsRequest& request,
                           v1::ExportRecordsResponse* response);

// Adds the records that are not there yet. ValidationError names the record and
// the field.
absl::Status ImportRecords(WriteContext& context,
                           const v1::ImportRecordsRequest& request,
                           v1::ImportRecordsResponse* response);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_RECORDS_H_
