#include "server/web_api/request_memory.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/web_api/echoed_part.h"

namespace chatgate {
namespace {

constexpr char kFirst[] = R"sql(
CREATE TABLE web_api_requests(
  app INTEGER NOT NULL,                 -- By IdToSql, as `conversation`.
  method TEXT NOT NULL,
  id TEXT NOT NULL,
  fingerprint BLOB NOT NULL,            -- Of the request's content.
  random_id INTEGER NOT NULL,
  conversation INTEGER NOT NULL,
  time INTEGER NOT NULL,                -- Of sending or answer, microseconds.
  state INTEGER NOT NULL,               -- RequestMemory::Known::State.
  response BLOB NOT NULL,               -- Empty until it is answered.
  PRIMARY KEY(app, method, id)
) WITHOUT ROWID;
CREATE INDEX web_api_requests_time ON web_api_requests(time);
CREATE INDEX web_api_requests_echo ON web_api_requests(app, random_id)
  WHERE state IN (1, 2) AND random_id <> 0;
)sql";

// Our clock may be set before somebody asks.
constexpr char kSecond[] =
    "ALTER TABLE web_api_requests ADD COLUMN"
    " sent_there INTEGER";  // The platform's time of sending.

// Each change takes away more than it adds, so that none has much to do.
constexpr char kPurge[] =
    "DELETE FROM web_api_requests WHERE (app, method, id) IN (SELECT app, "
    "method, id FROM web_api_requests WHERE time<? ORDER BY time LIMIT 4)";
constexpr char kFind[] =
    "SELECT fingerprint, time, state, response, random_id, sent_there FROM "
    "web_api_requests WHERE "
    "app=? AND method=? AND id=? AND time>=?";
constexpr char kPut[] =
    "INSERT OR REPLACE INTO web_api_requests VALUES(?,?,?,?,?,?,?,?,?,?)";
constexpr char kSetState[] =
    "UPDATE web_api_requests SET state=? WHERE app=? AND method=? AND id=? AND "
    "state<>3";
constexpr char kForget[] =
    "DELETE FROM web_api_requests WHERE app=? AND method=? AND id=?";
constexpr char kFindEcho[] =
    "SELECT method, id FROM web_api_requests WHERE app=? AND random_id=? AND "
    "random_id<>0 AND state IN (1, 2) AND (conversation=? OR conversation=?) "
    "LIMIT 2";
constexpr char kAnswerEcho[] =
    "UPDATE web_api_requests SET state=3, response=? WHERE app=? AND method=? "
    "AND id=?";

using Known = RequestMemory::Known;

void BindKey(const RequestKey& key, int first, Statement* statement) {
  statement->Bind(first, IdToSql(key.app_id));
  statement->Bind(first + 1, key.method);
  statement->Bind(first + 2, key.request_id);
}

absl::Status Put(Transaction& transaction, const NotedRequest& request,
                 absl::Time now, Known::State state,
                 const std::string& response) {
  ASSIGN_OR_RETURN(Statement put, transaction.Prepare(kPut));
  BindKey(request.key, 0, &put);
  put.BindBlob(3, request.fingerprint);
  put.Bind(4, int64_t{request.random_id});
  put.Bind(5, IdToSql(request.conversation));
  put.Bind(6, absl::ToUnixMicros(now));
  put.Bind(7, int64_t{state});
  put.BindBlob(8, response);
  if (request.sent_there.has_value()) {
    put.Bind(9, absl::ToUnixMicros(*request.sent_there));
  } else {
    put.BindNull(9);
  }
  return put.Run();
}

absl::StatusOr<Known> Find(Connection& connection, const NotedRequest& request,
                           absl::Time oldest) {
  Known known;
  ASSIGN_OR_RETURN(Statement find, connection.Prepare(kFind));
  BindKey(request.key, 0, &find);
  find.Bind(3, absl::ToUnixMicros(oldest));
  ASSIGN_OR_RETURN(const bool found, find.Step());
  if (!found) return known;
  if (find.Blob(0) != request.fingerprint) {
    return FieldError("REQUEST_ID_REUSED", "request_id",
                      absl::StrCat("request_id \"", request.key.request_id,
                                   "\" was used for another content"));
  }
  known.sent_at = absl::FromUnixMicros(find.Int(1));
  known.state = static_cast<Known::State>(find.Int(2));
  known.response = std::string(find.Blob(3));
  known.random_id = static_cast<uint32_t>(find.Int(4));
  if (!find.IsNull(5)) known.sent_there = absl::FromUnixMicros(find.Int(5));
  return known;
}

absl::Status Purge(Transaction& transaction, absl::Time oldest) {
  ASSIGN_OR_RETURN(Statement purge, transaction.Prepare(kPurge));
  purge.Bind(0, absl::ToUnixMicros(oldest));
  return purge.Run();
}

// Statuses of the store have a code alone; callers get a name as well.
absl::Status NameError(const absl::Status& status) {
  if (status.ok() || !ErrorName(status).empty()) return status;
  if (absl::IsResourceExhausted(status)) {
    return WithRetryDelay(MakeError("OVERLOADED", status.message()),
                          absl::Seconds(1));
  }
  if (absl::IsUnavailable(status)) {
    return MakeError("STORAGE_REFUSES_WRITES", status.message());
  }
  return MakeError("Error500", status.message());
}

RequestMemory::Done Named(RequestMemory::Done done) {
  return [done = std::move(done)](const absl::Status& status) {
    done(NameError(status));
  };
}

}  // namespace

Schema RequestMemorySchema() { return {"web_api", {kFirst, kSecond}}; }

void RequestMemory::Look(const NotedRequest& request,
                         std::function<void(absl::StatusOr<Known>)> done) {
  store_.SubmitRead(
      [request, oldest = clock_.Now() - kKept,
       done = std::move(done)](const absl::StatusOr<Connection*>& connection) {
        absl::StatusOr<Known> known =
            connection.ok() ? Find(**connection, request, oldest)
                            : absl::StatusOr<Known>(connection.status());
        if (!known.ok()) known = NameError(known.status());
        done(std::move(known));
      });
}

void RequestMemory::NoteSending(const NotedRequest& request, Done done) {
  store_.Submit(
      [request, now = clock_.Now()](Transaction& transaction) -> absl::Status {
        RETURN_IF_ERROR(Purge(transaction, now - kKept));
        return Put(transaction, request, now, Known::kUnknown, "");
      },
      Named(std::move(done)));
}

void RequestMemory::NoteAbsent(const RequestKey& key, Done done) {
  store_.Submit(
      [key](Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(Statement set, transaction.Prepare(kSetState));
        set.Bind(0, int64_t{Known::kAbsent});
        BindKey(key, 1, &set);
        return set.Run();
      },
      Named(std::move(done)));
}

void RequestMemory::KeepAnswer(const NotedRequest& request,
                               std::string response, Done done) {
  store_.Submit(
      [request, response = std::move(response),
       now = clock_.Now()](Transaction& transaction) -> absl::Status {
        RETURN_IF_ERROR(Purge(transaction, now - kKept));
        return Put(transaction, request, now, Known::kAnswered, response);
      },
      Named(std::move(done)));
}

void RequestMemory::Forget(const RequestKey& key, Done done) {
  store_.Submit(
      [key](Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(Statement forget, transaction.Prepare(kForget));
        BindKey(key, 0, &forget);
        return forget.Run();
      },
      Named(std::move(done)));
}

absl::Status RequestMemory::TakeEcho(Transaction& transaction, uint64_t app_id,
                                     const v1::ConversationPart& part) {
  RequestKey key;
  key.app_id = app_id;
  {
    ASSIGN_OR_RETURN(Statement find, transaction.Prepare(kFindEcho));
    find.Bind(0, IdToSql(app_id));
    find.Bind(1, int64_t{part.random_id()});
    find.Bind(2, IdToSql(part.conversation()));
    find.Bind(3, IdToSql(0));
    ASSIGN_OR_RETURN(const bool found, find.Step());
    if (!found) return absl::OkStatus();
    key.method = std::string(find.Text(0));
    key.request_id = std::string(find.Text(1));
    // Of two nobody could say which one it is.
    ASSIGN_OR_RETURN(const bool another, find.Step());
    if (another) return absl::OkStatus();
  }
  const std::string response = ResponseOfEcho(key.method, part);
  if (response.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Statement answer, transaction.Prepare(kAnswerEcho));
  answer.BindBlob(0, response);
  BindKey(key, 1, &answer);
  return answer.Run();
}

}  // namespace chatgate
