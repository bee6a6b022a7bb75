#ifndef CHATGATE_SERVER_EVENT_LOG_EVENT_TABLES_H_
#define CHATGATE_SERVER_EVENT_LOG_EVENT_TABLES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/event_log/epochs.h"
#include "server/event_log/event_sink.h"
#include "server/store/store.h"

namespace chatgate {

// The log's tables, one function for each thing that is asked of them. The
// layout is explained at the SQL.
Schema EventLogSchema();

// What a log is when it is opened.
struct EventLogState {
  std::vector<Epochs::Run> epochs;   // Oldest first, at least one.
  uint64_t tail = 1;                 // First seq that is kept.
  uint64_t head = 0;                 // Last seq.
  int64_t last_received_micros = 0;  // Of the event at the head.
};

// Makes a new log of tables without one.
absl::Status EnsureLog(Transaction& transaction);
absl::StatusOr<EventLogState> ReadState(Connection& connection);
// May be inserted already.
absl::Status InsertEpoch(Transaction& transaction, const Epochs::Run& run);

// Each claims a key for the event `seq`, and returns its holder: `seq`, or that
// of the earlier event with the same key.
absl::StatusOr<uint64_t> ClaimKey(Transaction& transaction,
                                  const DedupeKey& key, uint64_t seq);
absl::StatusOr<uint64_t> ClaimFingerprint(Transaction& transaction,
                                          uint64_t app_id, uint64_t fingerprint,
                                          uint64_t seq);

absl::Status InsertEvent(Transaction& transaction, uint64_t seq,
                         int64_t received_micros, absl::string_view stored);
absl::Status InsertRaw(Transaction& transaction, uint64_t seq,
                       absl::string_view raw);

// Calls `each` with the events after `position` up to `head`, oldest first,
// until it returns false.
using EachEvent =
    std::function<absl::StatusOr<bool>(uint64_t seq, absl::string_view stored)>;
absl::Status ForEachEvent(Connection& connection, uint64_t position,
                          uint64_t head, const EachEvent& each);

// Likewise with the events up to `position`, newest first.
absl::Status ForEachEventBack(Connection& connection, uint64_t position,
                              const EachEvent& each);

// The raw body of an event; empty where it had none. NOT_FOUND: no such event.
absl::StatusOr<std::string> SelectRaw(Connection& connection, uint64_t seq);

// Seq and time of the first event at `seq` or later.
struct ReceivedAt {
  uint64_t seq;
  int64_t micros;
};
absl::StatusOr<std::optional<ReceivedAt>> SelectReceived(Connection& connection,
                                                         uint64_t seq);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_EVENT_LOG_EVENT_TABLES_H_
