#include "server/subscription/start_position.h"

#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/event_log/cursor.h"
#include "server/event_log/epochs.h"
#include "server/subscription/service_error.h"

namespace chatgate {
namespace {

// As the comments of google.protobuf.Timestamp say.
bool IsValid(const google::protobuf::Timestamp& time) {
  constexpr int64_t kSecondsMin = -62'135'596'800;
  constexpr int64_t kSecondsMax = 253'402'300'799;
  return time.seconds() >= kSecondsMin && time.seconds() <= kSecondsMax &&
         time.nanos() >= 0 && time.nanos() < 1'000'000'000;
}

bool IsDelay(const google::protobuf::Duration& delay) {
  return delay.seconds() >= 0 && delay.nanos() >= 0 &&
         delay.nanos() < 1'000'000'000;
}

absl::Status CheckRequest(const v1::SubscribeRequest& request) {
  if (!v1::Start_IsValid(request.start())) {
    return InvalidField("start", "is no place to begin");
  }
  const bool has_start = request.start() != v1::START_UNSPECIFIED;
  if (!request.cursor().empty() && (has_start || request.has_start_time())) {
    return InvalidField("cursor", "excludes `start` and `start_time`");
  }
  if (request.snapshot() &&
      (!request.cursor().empty() || has_start || request.has_start_time())) {
    return InvalidField("snapshot",
                        "excludes `cursor`, `start` and `start_time`");
  }
  if (has_start && request.has_start_time()) {
    return InvalidField("start_time", "excludes `start`");
  }
  if (request.has_start_time() && !IsValid(request.start_time())) {
    return InvalidField("start_time",
                        "must be a time between the years 1 and 9999, with 0 "
                        "to 999,999,999 nanos");
  }
  if (!IsDelay(request.batch_delay())) {
    return InvalidField("batch_delay", "is no duration from 0 upwards");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<uint64_t> PositionOfCursor(const EventLog& log,
                                          absl::string_view field,
                                          absl::string_view cursor) {
  const absl::StatusOr<Cursor> decoded = DecodeCursor(cursor);
  if (!decoded.ok()) {
    return InvalidField(field, "is not what a response of this gateway gave");
  }
  return PositionIn(log, field, *decoded);
}

absl::StatusOr<uint64_t> PositionIn(const EventLog& log,
                                    absl::string_view field,
                                    const Cursor& place) {
  if (!AreOfOneLog(place.epoch, log.EpochAt(0))) {
    return ServiceError(Reason::kCursorOfAnotherLog,
                        absl::StrCat("`", field,
                                     "` belongs to another log: start without "
                                     "it, and take what you know as "
                                     "incomplete"));
  }
  if (const uint64_t head = log.Head(); place.seq > head) {
    return ServiceError(Reason::kCursorAheadOfLog,
                        absl::StrCat("`", field, "` stands at ", place.seq,
                                     ", the log ends at ", head));
  }
  if (place.epoch != log.EpochAt(place.seq)) {
    return ServiceError(
        Reason::kCursorOfAnotherLog,
        absl::StrCat("`", field,
                     "` belongs to what this log was before it was restored "
                     "from a copy: start without it, and take what you know as "
                     "incomplete"));
  }
  return place.seq;
}

absl::StatusOr<std::optional<uint64_t>> StartPosition(
    const EventLog& log, const v1::SubscribeRequest& request) {
  RETURN_IF_ERROR(CheckRequest(request));
  if (!request.cursor().empty()) {
    ASSIGN_OR_RETURN(const uint64_t position,
                     PositionOfCursor(log, "cursor", request.cursor()));
    return position;
  }
  if (request.has_start_time() || request.snapshot()) return std::nullopt;
  if (request.start() == v1::START_EARLIEST) return log.Tail() - 1;
  return log.Head();
}

}  // namespace chatgate
