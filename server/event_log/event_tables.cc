#include "server/event_log/event_tables.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

// event_log_state        one row. `trimmed_seq`: events up to it were deleted,
//                        so that the head is known when none is left.
// event_log_events       `event` is the serialised chatgate.v1.Event, as
// readers
//                        get it, without `raw`.
// event_log_raws         bodies as received; apart, so that replay does not
// read
//                        over them.
// event_log_keys         who holds which dedupe key. Integers in the order in
//                        which platforms count up, so that inserts stay at the
//                        ends of few pages.
// event_log_fingerprints first event with a content, of those without a key.
constexpr char kCreate[] = R"sql(
CREATE TABLE event_log_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  epoch INTEGER NOT NULL,
  trimmed_seq INTEGER NOT NULL DEFAULT 0,
  trimmed_received INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE event_log_events (
  seq INTEGER PRIMARY KEY,
  received INTEGER NOT NULL,
  event BLOB NOT NULL
);
CREATE TABLE event_log_raws (
  seq INTEGER PRIMARY KEY,
  raw BLOB NOT NULL
);
CREATE TABLE event_log_keys (
  app INTEGER NOT NULL,
  source INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  id INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (app, source, kind, id, revision)
) WITHOUT ROWID;
CREATE TABLE event_log_fingerprints (
  app INTEGER NOT NULL,
  fingerprint INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (app, fingerprint)
) WITHOUT ROWID;
)sql";

// event_log_epochs       who wrote what: see Epochs. A row for each run of the
//                        gateway that has appended anything.
constexpr char kCreateEpochs[] = R"sql(
CREATE TABLE event_log_epochs (
  first_seq INTEGER PRIMARY KEY,
  epoch INTEGER NOT NULL
);
INSERT INTO event_log_epochs SELECT 0, epoch FROM event_log_state;
ALTER TABLE event_log_state DROP COLUMN epoch;
)sql";

// Positions begin at 1 and never reach 2^63. What a caller gives may.
int64_t SeqToSql(uint64_t seq) {
  return static_cast<int64_t>(std::min<uint64_t>(seq, INT64_MAX));
}
uint64_t SeqFromSql(int64_t seq) { return static_cast<uint64_t>(seq); }

// Fingerprints and epochs have no order: the same 64 bits will do.
int64_t BitsToSql(uint64_t bits) { return static_cast<int64_t>(bits); }

absl::StatusOr<uint64_t> HolderOf(Statement& select) {
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) return absl::InternalError("a taken key has no holder");
  return SeqFromSql(select.Int(0));
}

absl::Status CallEach(Statement& select, const EachEvent& each) {
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return absl::OkStatus();
    ASSIGN_OR_RETURN(const bool more,
                     each(SeqFromSql(select.Int(0)), select.Blob(1)));
    if (!more) return absl::OkStatus();
  }
}

void BindKey(const DedupeKey& key, Statement& statement) {
  statement.Bind(0, IdToSql(key.app_id));
  statement.Bind(1, int64_t{key.source});
  statement.Bind(2, int64_t{key.kind});
  statement.Bind(3, IdToSql(key.id));
  statement.Bind(4, BitsToSql(key.revision));
}

absl::StatusOr<std::vector<Epochs::Run>> ReadEpochs(Connection& connection) {
  ASSIGN_OR_RETURN(
      Statement select,
      connection.Prepare("SELECT first_seq, epoch FROM event_log_epochs"
                         " ORDER BY first_seq"));
  std::vector<Epochs::Run> epochs;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return epochs;
    epochs.push_back({.first_seq = SeqFromSql(select.Int(0)),
                      .epoch = static_cast<uint64_t>(select.Int(1))});
  }
}

}  // namespace

Schema EventLogSchema() { return {"event_log", {kCreate, kCreateEpochs}}; }

absl::Status EnsureLog(Transaction& transaction) {
  {
    ASSIGN_OR_RETURN(
        Statement insert,
        transaction.Prepare("INSERT INTO event_log_state (id) VALUES (1)"
                            " ON CONFLICT DO NOTHING"));
    RETURN_IF_ERROR(insert.Run());
    if (transaction.connection().Changes() == 0) return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const uint64_t epoch, MakeEpoch());
  return InsertEpoch(transaction, {.first_seq = 0, .epoch = epoch});
}

absl::Status InsertEpoch(Transaction& transaction, const Epochs::Run& run) {
  ASSIGN_OR_RETURN(Statement insert,
                   transaction.Prepare("INSERT INTO event_log_epochs"
                                       " VALUES (?,?) ON CONFLICT DO NOTHING"));
  insert.Bind(0, SeqToSql(run.first_seq));
  insert.Bind(1, BitsToSql(run.epoch));
  return insert.Run();
}

absl::StatusOr<EventLogState> ReadState(Connection& connection) {
  EventLogState state;
  ASSIGN_OR_RETURN(state.epochs, ReadEpochs(connection));
  ASSIGN_OR_RETURN(Statement select,
                   connection.Prepare("SELECT trimmed_seq, trimmed_received"
                                      " FROM event_log_state"));
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found || state.epochs.empty() || state.epochs.front().first_seq != 0) {
    return absl::DataLossError("the log has lost its state");
  }
  state.head = SeqFromSql(select.Int(0));
  state.last_received_micros = select.Int(1);
  state.tail = state.head + 1;
  ASSIGN_OR_RETURN(const std::optional<ReceivedAt> first,
                   SelectReceived(connection, 0));
  if (!first.has_value()) return state;
  ASSIGN_OR_RETURN(
      Statement last,
      connection.Prepare("SELECT seq, received FROM event_log_events"
                         " ORDER BY seq DESC LIMIT 1"));
  RETURN_IF_ERROR(last.Step().status());
  state.tail = first->seq;
  state.head = SeqFromSql(last.Int(0));
  state.last_received_micros = last.Int(1);
  return state;
}

absl::StatusOr<uint64_t> ClaimKey(Transaction& transaction,
                                  const DedupeKey& key, uint64_t seq) {
  {
    ASSIGN_OR_RETURN(
        Statement insert,
        transaction.Prepare("INSERT INTO event_log_keys"
                            " VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING"));
    BindKey(key, insert);
    insert.Bind(5, SeqToSql(seq));
    RETURN_IF_ERROR(insert.Run());
    if (transaction.connection().Changes() == 1) return seq;
  }
  ASSIGN_OR_RETURN(
      Statement select,
      transaction.Prepare("SELECT seq FROM event_log_keys WHERE app=? AND"
                          " source=? AND kind=? AND id=? AND revision=?"));
  BindKey(key, select);
  return HolderOf(select);
}

absl::StatusOr<uint64_t> ClaimFingerprint(Transaction& transaction,
                                          uint64_t app_id, uint64_t fingerprint,
                                          uint64_t seq) {
  {
    ASSIGN_OR_RETURN(
        Statement insert,
        transaction.Prepare("INSERT INTO event_log_fingerprints"
                            " VALUES (?,?,?) ON CONFLICT DO NOTHING"));
    insert.Bind(0, IdToSql(app_id));
    insert.Bind(1, BitsToSql(fingerprint));
    insert.Bind(2, SeqToSql(seq));
    RETURN_IF_ERROR(insert.Run());
    if (transaction.connection().Changes() == 1) return seq;
  }
  ASSIGN_OR_RETURN(Statement select,
                   transaction.Prepare("SELECT seq FROM event_log_fingerprints"
                                       " WHERE app=? AND fingerprint=?"));
  select.Bind(0, IdToSql(app_id));
  select.Bind(1, BitsToSql(fingerprint));
  return HolderOf(select);
}

absl::Status InsertEvent(Transaction& transaction, uint64_t seq,
                         int64_t received_micros, absl::string_view stored) {
  ASSIGN_OR_RETURN(
      Statement insert,
      transaction.Prepare("INSERT INTO event_log_events VALUES (?,?,?)"));
  insert.Bind(0, SeqToSql(seq));
  insert.Bind(1, received_micros);
  insert.BindBlob(2, stored);
  return insert.Run();
}

absl::Status InsertRaw(Transaction& transaction, uint64_t seq,
                       absl::string_view raw) {
  ASSIGN_OR_RETURN(
      Statement insert,
      transaction.Prepare("INSERT INTO event_log_raws VALUES (?,?)"));
  insert.Bind(0, SeqToSql(seq));
  insert.BindBlob(1, raw);
  return insert.Run();
}

absl::Status ForEachEvent(Connection& connection, uint64_t position,
                          uint64_t head, const EachEvent& each) {
  ASSIGN_OR_RETURN(Statement select,
                   connection.Prepare("SELECT seq, event FROM event_log_events"
                                      " WHERE seq>? AND seq<=? ORDER BY seq"));
  select.Bind(0, SeqToSql(position));
  select.Bind(1, SeqToSql(head));
  return CallEach(select, each);
}

absl::Status ForEachEventBack(Connection& connection, uint64_t position,
                              const EachEvent& each) {
  ASSIGN_OR_RETURN(Statement select,
                   connection.Prepare("SELECT seq, event FROM event_log_events"
                                      " WHERE seq<=? ORDER BY seq DESC"));
  select.Bind(0, SeqToSql(position));
  return CallEach(select, each);
}

absl::StatusOr<std::string> SelectRaw(Connection& connection, uint64_t seq) {
  ASSIGN_OR_RETURN(
      Statement select,
      connection.Prepare("SELECT raw FROM event_log_events"
                         " LEFT JOIN event_log_raws USING (seq) WHERE seq=?"));
  select.Bind(0, SeqToSql(seq));
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) {
    return absl::NotFoundError(
        absl::StrCat("there is no event at position ", seq));
  }
  return std::string(select.Blob(0));
}

absl::StatusOr<std::optional<ReceivedAt>> SelectReceived(Connection& connection,
                                                         uint64_t seq) {
  ASSIGN_OR_RETURN(
      Statement select,
      connection.Prepare("SELECT seq, received FROM event_log_events"
                         " WHERE seq>=? ORDER BY seq LIMIT 1"));
  select.Bind(0, SeqToSql(seq));
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) return std::nullopt;
  return ReceivedAt{SeqFromSql(select.Int(0)), select.Int(1)};
}

}  // namespace chatgate
