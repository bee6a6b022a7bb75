#include "server/event_log/trim_tables.h"

#include <algorithm>

#include "server/base/status_macros.h"

namespace chatgate {
namespace {

int64_t SqlSeq(uint64_t seq) {
  return static_cast<int64_t>(std::min<uint64_t>(seq, INT64_MAX));
}

absl::Status DeleteUpTo(Transaction& transaction, absl::string_view sql,
                        int64_t seq) {
  ASSIGN_OR_RETURN(Statement statement, transaction.Prepare(sql));
  statement.Bind(0, seq);
  return statement.Run();
}

}  // namespace

absl::StatusOr<uint64_t> DeleteOldest(Transaction& transaction,
                                      uint64_t last_seq, size_t events_max) {
  ASSIGN_OR_RETURN(const EventRun run,
                   MeasureRun(transaction.connection(), 0, last_seq, events_max,
                              kTrimBytesMax));
  int64_t seq = 0;
  int64_t received = 0;
  {
    ASSIGN_OR_RETURN(
        Statement select,
        transaction.Prepare("SELECT max(seq), max(received)"
                            " FROM event_log_events WHERE seq<=?"));
    select.Bind(0, SqlSeq(run.last_seq));
    RETURN_IF_ERROR(select.Step().status());
    seq = select.Int(0);
    received = select.Int(1);
  }
  if (seq == 0) return 0;
  RETURN_IF_ERROR(DeleteUpTo(transaction,
                             "DELETE FROM event_log_events WHERE seq<=?", seq));
  RETURN_IF_ERROR(
      DeleteUpTo(transaction, "DELETE FROM event_log_raws WHERE seq<=?", seq));
  ASSIGN_OR_RETURN(Statement note,
                   transaction.Prepare("UPDATE event_log_state SET"
                                       " trimmed_seq=?, trimmed_received=?"));
  note.Bind(0, seq);
  note.Bind(1, received);
  RETURN_IF_ERROR(note.Run());
  return static_cast<uint64_t>(seq) + 1;
}

absl::StatusOr<EventRun> MeasureRun(Connection& connection, uint64_t position,
                                    uint64_t head, size_t events_max,
                                    uint64_t bytes_max) {
  ASSIGN_OR_RETURN(
      Statement select,
      connection.Prepare(
          "SELECT seq, length(event) + coalesce(length(raw), 0)"
          " FROM event_log_events LEFT JOIN event_log_raws USING (seq)"
          " WHERE seq>? AND seq<=? ORDER BY seq LIMIT ?"));
  select.Bind(0, SqlSeq(position));
  select.Bind(1, SqlSeq(head));
  select.Bind(2, static_cast<int64_t>(events_max));
  EventRun run;
  while (run.bytes < bytes_max) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) break;
    run.last_seq = static_cast<uint64_t>(select.Int(0));
    run.bytes += static_cast<uint64_t>(select.Int(1));
  }
  if (run.last_seq == 0) run.last_seq = head;
  return run;
}

}  // namespace chatgate
