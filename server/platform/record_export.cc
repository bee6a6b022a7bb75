#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/platform/change_clock.h"
#include "server/platform/record_times.h"
#include "server/platform/records.h"
#include "server/platform/sql.h"

namespace chatgate::platform {

namespace {

constexpr int kPageDefault = 500;
constexpr int kPageMax = 1000;
// As the token counts them; one table after the other.
enum Table { kUsers, kConversations, kParts, kUserEvents, kTables };

// Where a page begins: after the row of the table. What came after the first
// page was asked for is not exported, or it would refer to what was not.
struct Position {
  int table = kUsers;
  int64_t row = 0;
  std::array<int64_t, kTables> last_rows = {};
};

absl::StatusOr<Position> FirstPosition(const ReadContext& context) {
  Position first;
  for (const auto& [table, sql] :
       {std::pair(kUserEvents, kLastUserEvent), std::pair(kParts, kLastPart),
        std::pair(kConversations, kLastConversation),
        std::pair(kUsers, kLastUser)}) {
    ASSIGN_OR_RETURN(Statement last, context.Prepare(sql));
    RETURN_IF_ERROR(last.Step().status());
    if (!last.IsNull(0)) first.last_rows[table] = last.Int(0);
  }
  return first;
}

std::string ToToken(const Position& position) {
  return absl::StrCat(position.table, ".", position.row, ".",
                      absl::StrJoin(position.last_rows, "."));
}

absl::StatusOr<Position> ReadToken(const std::string& token) {
  const std::vector<std::string> words = absl::StrSplit(token, '.');
  Position position;
  bool good = words.size() == 2 + kTables &&
              absl::SimpleAtoi(words[0], &position.table) &&
              absl::SimpleAtoi(words[1], &position.row) &&
              position.table >= 0 && position.table < kTables &&
              position.row >= 0;
  for (int table = 0; good && table < kTables; ++table) {
    good = absl::SimpleAtoi(words[2 + table], &position.last_rows[table]) &&
           position.last_rows[table] >= 0;
  }
  if (good) return position;
  return InvalidField("page_token", "is none of this method's");
}

absl::Status Damaged(const char* table, int64_t row) {
  return absl::DataLossError(
      absl::StrCat("row ", row, " of ", table, " is damaged"));
}

void SetTime(int64_t micros, google::protobuf::Timestamp* time) {
  *time = TimestampFromMicros(micros);
}

absl::Status ReadProps(const ReadContext& context, int64_t row,
                       v1::UserRecord* user) {
  ASSIGN_OR_RETURN(Statement select, context.Prepare(kListProps));
  select.Bind(0, row);
  while (true) {
    ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return absl::OkStatus();
    const absl::string_view blob = select.Blob(1);
    if (!(*user->mutable_props())[std::string(select.Text(0))].ParseFromArray(
            blob.data(), static_cast<int>(blob.size()))) {
      return Damaged("platform_props", row);
    }
  }
}

// Each of these fills a record from a row of its statement. The first columns
// are the row and the app.
absl::Status ReadUser(const ReadContext& context, const Position&,
                      const Statement& select, v1::Record* record) {
  v1::UserRecord& user = *record->mutable_user();
  user.set_id(IdFromSql(select.Int(2)));
  if (!select.IsNull(3)) user.set_site_id(std::string(select.Text(3)));
  SetTime(select.Int(4), user.mutable_create_time());
  SetTime(select.Int(5), user.mutable_last_seen_time());
  if (select.Int(6) != 0)
    SetTime(select.Int(6), user.mutable_last_reply_time());
  if (select.Int(7) != 0) {
    SetTime(select.Int(7), user.mutable_last_contacted_time());
  }
  user.set_presence(static_cast<int32_t>(select.Int(8)));
  if (select.Int(9) != 0) SetTime(select.Int(9), user.mutable_signal_time());
  if (select.Int(10) != 0) {
    SetTime(select.Int(10), user.mutable_active_since_time());
  }
  user.set_lead(select.Int(11) != 0);
  return ReadProps(context, select.Int(0), &user);
}

absl::Status ReadConversation(const ReadContext&, const Position& position,
                              const Statement& select, v1::Record* record) {
  v1::ConversationRecord& conversation = *record->mutable_conversation();
  const absl::string_view state = select.Blob(2);
  if (!conversation.mutable_conversation()->ParseFromArray(
          state.data(), static_cast<int>(state.size()))) {
    return Damaged("platform_conversations", select.Int(0));
  }
  // Of a lead that became known meanwhile there is no record.
  if (!select.IsNull(3) && select.Int(8) <= position.last_rows[kUsers]) {
    conversation.set_user_id(IdFromSql(select.Int(3)));
  }
  SetTime(select.Int(4), conversation.mutable_last_update_time());
  conversation.set_listed(select.Int(5) != 0);
  conversation.set_part_group(static_cast<uint64_t>(select.Int(6)));
  if (select.Int(7) > 0) {
    conversation.mutable_adopted_time()->set_seconds(
        std::min(select.Int(7), kRecordSecondsMax));
  }
  return absl::OkStatus();
}

absl::Status ReadPart(const ReadContext&, const Position&,
                      const Statement& select, v1::Record* record) {
  v1::PartRecord& part = *record->mutable_part();
  const absl::string_view blob = select.Blob(2);
  if (!part.mutable_part()->ParseFromArray(blob.data(),
                                           static_cast<int>(blob.size()))) {
    return Damaged("platform_parts", select.Int(0));
  }
  part.set_read(select.Int(0) <= select.Int(3));
  part.set_last(select.Int(0) == select.Int(4));
  part.set_last_reply(select.Int(0) == select.Int(5));
  return absl::OkStatus();
}

absl::Status ReadUserEvent(const ReadContext&, const Position&,
                           const Statement& select, v1::Record* record) {
  v1::UserEvent& event = *record->mutable_user_event()->mutable_event();
  event.set_id(IdFromSql(select.Int(2)));
  event.set_user(IdFromSql(select.Int(3)));
  event.mutable_type()->set_id(IdFromSql(select.Int(4)));
  event.mutable_type()->set_name(std::string(select.Text(5)));
  event.set_created(select.Int(6));
  const absl::string_view props = select.Blob(7);
  if (!event.mutable_props()->ParseFromArray(props.data(),
                                             static_cast<int>(props.size()))) {
    return Damaged("platform_events", select.Int(0));
  }
  return absl::OkStatus();
}

struct TableReader {
  const char* sql;
  absl::Status (*read)(const ReadContext&, const Position&, const Statement&,
                       v1::Record*);
};
constexpr TableReader kReaders[kTables] = {
    {kExportUsers, ReadUser},
    {kExportConversations, ReadConversation},
    {kExportParts, ReadPart},
    {kExportUserEvents, ReadUserEvent},
};

// A page under way.
struct Page {
  v1::ExportRecordsResponse& response;
  const int records_max;
  const size_t bytes_max;
  size_t rows_left;  // That may still be examined.
  size_t bytes = 0;

  bool IsFull() const { return response.records_size() == records_max; }
};

// Reads on from `position`, and moves it. True: the table is at its end.
absl::StatusOr<bool> ReadTable(const ReadContext& context, Position* position,
                               Page* page) {
  const TableReader& reader = kReaders[position->table];
  ASSIGN_OR_RETURN(Statement select, context.Prepare(reader.sql));
  select.Bind(0, position->row);
  select.Bind(1, position->last_rows[position->table]);
  while (true) {
    if (page->IsFull() || page->rows_left == 0) return false;
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return true;
    --page->rows_left;
    if (select.Int(1) == context.app.sql_id()) {
      v1::Record record;
      RETURN_IF_ERROR(reader.read(context, *position, select, &record));
      const size_t bytes = record.ByteSizeLong();
      if (page->bytes > 0 && page->bytes + bytes > page->bytes_max) {
        return false;
      }
      page->bytes += bytes;
      *page->response.add_records() = std::move(record);
    }
    position->row = select.Int(0);
  }
}

}  // namespace

absl::Status ExportRecords(const ReadContext& context,
                           const v1::ExportRecordsRequest& request,
                           v1::ExportRecordsResponse* response) {
  if (request.page_size() < 0) {
    return InvalidField("page_size", "must not be negative");
  }
  const bool first = request.page_token().empty();
  ASSIGN_OR_RETURN(Position position, first ? FirstPosition(context)
                                            : ReadToken(request.page_token()));
  Page page{.response = *response,
            .records_max = request.page_size() == 0
                               ? kPageDefault
                               : std::min(request.page_size(), kPageMax),
            .bytes_max = context.limits.page_bytes_max,
            .rows_left = context.limits.rows_examined_max};
  // The first page's is taken before it is read, the others' after, so that two
  // that are the same leave no room for a change between them.
  int64_t version = context.changes->Last();
  while (position.table < kTables) {
    ASSIGN_OR_RETURN(const bool end, ReadTable(context, &position, &page));
    if (!end) {
      response->set_next_page_token(ToToken(position));
      break;
    }
    ++position.table;
    position.row = 0;
  }
  if (!first) version = context.changes->Last();
  response->set_version(absl::StrCat(version));
  return absl::OkStatus();
}

}  // namespace chatgate::platform
