#ifndef CHATGATE_SERVER_PLATFORM_CONTEXT_H_
#define CHATGATE_SERVER_PLATFORM_CONTEXT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "chatgate/v1/resources.pb.h"
#include "server/store/database.h"

namespace chatgate {

class EventLog;

// Limits of the embedded platform. Where the facts name none, docs/web-api.md
// says what was chosen.
struct PlatformLimits {
  size_t body_bytes_max = 64 * 1024;    // Text of a part: ReplyTooBig.
  size_t name_chars_max = 255;          // Names, keys, tags, site ids.
  size_t url_bytes_max = 2048;          // `referrer`.
  size_t tags_max = 100;                // Of a conversation.
  size_t props_max = 1000;              // Of a lead,
  size_t props_bytes_max = 1 << 20;     // and their bytes.
  size_t operations_max = 250;          // Of a SetUserProps.
  size_t filters_max = 100;             // Of a ListUsers.
  size_t event_types_max = 1000;        // Names of events, of an app.
  size_t event_bytes_max = 64 * 1024;   // Params of a TrackUserEvent.
  size_t leads_examined_max = 250'000;  // By one ListUsers.
  size_t rows_examined_max = 10'000;    // By one page of a list.
  size_t page_bytes_max = 1024 * 1024;  // Of a page, or one row.
  size_t active_users_max = 1000;       // Of a ListActiveUsers.
  size_t known_bytes_max = 16 << 20;    // Answers kept until a change, an app.
  absl::Duration presence_lasts = absl::Minutes(2);
};

namespace platform {

class ChangeClock;

// A workspace as configured. Immutable.
struct App {
  uint64_t id = 0;
  std::string name;
  std::map<uint64_t, v1::Admin> admins;
  std::vector<v1::Channel> channels;  // Without counts.

  int64_t sql_id() const { return IdToSql(id); }
};

// What a method that only reads may see: one snapshot of the database. Lives as
// long as the call.
struct ReadContext {
  Connection& db;
  const App& app;
  absl::Time now;
  const PlatformLimits& limits;
  const ChangeClock* changes = nullptr;  // Of a call that reads.
  // Where set: lowered to when time alone changes the answer.
  absl::Time* good_until = nullptr;

  absl::StatusOr<Statement> Prepare(absl::string_view sql) const {
    return db.Prepare(sql);
  }
};

// What a method that changes something may see: the writer's transaction.
// Everything that it writes, its events included, stands or falls together.
struct WriteContext : ReadContext {
  WriteContext(Transaction& transaction, EventLog& log, const App& app,
               absl::Time now, const PlatformLimits& limits)
      : ReadContext{transaction.connection(), app, now, limits, nullptr},
        transaction(transaction),
        log(log) {}

  Transaction& transaction;
  EventLog& log;
};

}  // namespace platform
}  // namespace chatgate

#endif  // CHATGATE_SERVER_PLATFORM_CONTEXT_H_
