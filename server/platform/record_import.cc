#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/platform/arguments.h"
#include "server/platform/conversation_row.h"
#include "server/platform/event_types.h"
#include "server/platform/record_checks.h"
#include "server/platform/record_times.h"
#include "server/platform/records.h"
#include "server/platform/sql.h"
#include "server/platform/user_row.h"

namespace chatgate::platform {

namespace {

constexpr int kRecordsMax = 1000;
// The counter's ids lie from where it begins to where JavaScript's numbers end;
// others were adopted from elsewhere.
constexpr uint64_t kOwnIdsFrom = 1'000'000'000'000;
constexpr uint64_t kOwnIdsTo = uint64_t{1} << 53;

// Adds records one after the other.
class Importer {
 public:
  explicit Importer(WriteContext& context) : context_(context) {}

  // False: it was there already. `field` is the record's place in the request.
  absl::StatusOr<bool> Add(const std::string& field, const v1::Record& record);

  // What is left once every record is added.
  absl::Status Finish();

 private:
  absl::StatusOr<bool> AddUser(const std::string& field,
                               const v1::UserRecord& record);
  absl::StatusOr<bool> AddConversation(const std::string& field,
                                       const v1::ConversationRecord& record);
  absl::StatusOr<bool> AddPart(const std::string& field,
                               const v1::PartRecord& record);
  absl::StatusOr<bool> AddUserEvent(const std::string& field,
                                    const v1::UserEventRecord& record);
  absl::Status AddProps(const std::string& field, int64_t user,
                        const v1::UserRecord& record);
  void NoteId(uint64_t id);

  WriteContext& context_;
  uint64_t highest_id_ = 0;
};

absl::Status NotThere(const std::string& field, absl::string_view what,
                      uint64_t id) {
  return MakeError("LookupError",
                   absl::StrCat(field, ": ", what, " ", id,
                                " is neither there nor in a record before"));
}

// What has the id already is left as it is. Ids of two embedded platforms are
// alike: what is not the same record must not be taken for it.
absl::StatusOr<bool> SameOrRefused(const std::string& field, bool same) {
  if (same) return false;
  return InvalidField(field, "another record of the app has this id");
}

void Importer::NoteId(uint64_t id) {
  if (id >= kOwnIdsFrom && id < kOwnIdsTo) {
    highest_id_ = std::max(highest_id_, id);
  }
}

absl::StatusOr<bool> Importer::Add(const std::string& field,
                                   const v1::Record& record) {
  switch (record.kind_case()) {
    case v1::Record::kUser:
      return AddUser(absl::StrCat(field, ".user"), record.user());
    case v1::Record::kConversation:
      return AddConversation(absl::StrCat(field, ".conversation"),
                             record.conversation());
    case v1::Record::kPart:
      return AddPart(absl::StrCat(field, ".part"), record.part());
    case v1::Record::kUserEvent:
      return AddUserEvent(absl::StrCat(field, ".user_event"),
                          record.user_event());
    case v1::Record::KIND_NOT_SET:
      break;
  }
  return InvalidField(field, "is of no kind that is known here");
}

absl::Status Importer::AddProps(const std::string& field, int64_t user,
                                const v1::UserRecord& record) {
  if (record.props().size() > context_.limits.props_max) {
    return InvalidField(
        absl::StrCat(field, ".props"),
        absl::StrCat("has more than ", context_.limits.props_max));
  }
  size_t bytes = 0;
  for (const auto& [key, value] : record.props()) {
    RETURN_IF_ERROR(CheckText(absl::StrCat(field, ".props"), key, 1,
                              context_.limits.name_chars_max));
    const std::string text = value.SerializeAsString();
    bytes += key.size() + text.size();
    if (bytes > context_.limits.props_bytes_max) {
      return InvalidField(
          absl::StrCat(field, ".props"),
          absl::StrCat("has more than ", context_.limits.props_bytes_max,
                       " bytes"));
    }
    ASSIGN_OR_RETURN(Statement set, context_.Prepare(kSetProp));
    set.Bind(0, user);
    set.Bind(1, key);
    set.BindBlob(2, text);
    RETURN_IF_ERROR(set.Run());
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Importer::AddUser(const std::string& field,
                                       const v1::UserRecord& record) {
  if (record.id() == 0) {
    return InvalidField(absl::StrCat(field, ".id"), "is required");
  }
  ASSIGN_OR_RETURN(const std::optional<UserRow> there,
                   FindUserById(context_, record.id()));
  if (there.has_value()) {
    return SameOrRefused(field,
                         there->created == MicrosOf(record.create_time()));
  }
  RETURN_IF_ERROR(CheckUserRecord(field, record));
  if (record.has_site_id()) {
    const std::string site_id = absl::StrCat(field, ".site_id");
    RETURN_IF_ERROR(CheckText(site_id, record.site_id(), 1,
                              context_.limits.name_chars_max));
    ASSIGN_OR_RETURN(const std::optional<UserRow> other,
                     FindUserBySiteId(context_, record.site_id()));
    if (other.has_value()) {
      return InvalidField(site_id, absl::StrCat("is that of user ", other->id));
    }
  }
  ASSIGN_OR_RETURN(Statement insert, context_.Prepare(kImportUser));
  insert.Bind(0, context_.app.sql_id());
  insert.Bind(1, IdToSql(record.id()));
  if (record.has_site_id()) {
    insert.Bind(2, record.site_id());
  } else {
    insert.BindNull(2);
  }
  insert.Bind(3, MicrosOf(record.create_time()));
  insert.Bind(4, MicrosOf(record.last_seen_time()));
  insert.Bind(5, MicrosOf(record.last_reply_time()));
  insert.Bind(6, MicrosOf(record.last_contacted_time()));
  insert.Bind(7, int64_t{record.presence()});
  insert.Bind(8, MicrosOf(record.signal_time()));
  insert.Bind(9, MicrosOf(record.active_since_time()));
  insert.Bind(10, int64_t{record.lead()});
  RETURN_IF_ERROR(insert.Run());
  NoteId(record.id());
  RETURN_IF_ERROR(AddProps(field, context_.db.LastInsertRowid(), record));
  return true;
}

absl::StatusOr<bool> Importer::AddConversation(
    const std::string& field, const v1::ConversationRecord& record) {
  const uint64_t id = record.conversation().id();
  if (id == 0) {
    return InvalidField(absl::StrCat(field, ".conversation.id"), "is required");
  }
  ASSIGN_OR_RETURN(const std::optional<ConversationRow> there,
                   FindConversationIfKnown(context_, id));
  if (there.has_value()) {
    return SameOrRefused(
        field, there->state.created() == record.conversation().created());
  }
  if (!record.has_last_update_time()) {
    return InvalidField(absl::StrCat(field, ".last_update_time"),
                        "is required");
  }
  RETURN_IF_ERROR(CheckRecordTime(absl::StrCat(field, ".last_update_time"),
                                  record.last_update_time()));
  RETURN_IF_ERROR(CheckRecordTime(absl::StrCat(field, ".adopted_time"),
                                  record.adopted_time()));
  int64_t user = 0;
  if (record.user_id() != 0) {
    ASSIGN_OR_RETURN(const std::optional<UserRow> lead,
                     FindUserById(context_, record.user_id()));
    if (!lead.has_value()) return NotThere(field, "user", record.user_id());
    user = lead->row;
  }
  ASSIGN_OR_RETURN(ConversationRow row,
                   CreateConversation(context_, id, user, record.user_id()));
  row.state = record.conversation();
  row.last_update = MicrosOf(record.last_update_time());
  row.listed = record.listed();
  row.part_group = record.part_group();
  row.adopted = record.adopted_time().seconds();
  RETURN_IF_ERROR(SaveConversation(context_, row));
  NoteId(id);
  NoteId(record.part_group());
  return true;
}

absl::StatusOr<bool> Importer::AddPart(const std::string& field,
                                       const v1::PartRecord& record) {
  const v1::ConversationPart& part = record.part();
  if (part.id() == 0) {
    return InvalidField(absl::StrCat(field, ".part.id"), "is required");
  }
  ASSIGN_OR_RETURN(std::optional<ConversationRow> conversation,
                   FindConversationIfKnown(context_, part.conversation()));
  if (!conversation.has_value()) {
    return NotThere(field, "conversation", part.conversation());
  }
  {
    ASSIGN_OR_RETURN(Statement find, context_.Prepare(kFindPartById));
    find.Bind(0, IdToSql(part.id()));
    find.Bind(1, context_.app.sql_id());
    ASSIGN_OR_RETURN(const bool there, find.Step());
    if (there) return SameOrRefused(field, find.Int(1) == conversation->row);
  }
  ASSIGN_OR_RETURN(Statement insert, context_.Prepare(kInsertPart));
  insert.Bind(0, context_.app.sql_id());
  insert.Bind(1, IdToSql(part.id()));
  insert.Bind(2, conversation->row);
  const std::string bytes = part.SerializeAsString();
  insert.BindBlob(3, bytes);
  RETURN_IF_ERROR(insert.Run());
  const int64_t row = context_.db.LastInsertRowid();
  NoteId(part.id());
  if (!record.read() && !record.last() && !record.last_reply()) return true;
  if (record.read()) conversation->read_row = row;
  if (record.last()) conversation->part_last = row;
  if (record.last_reply()) conversation->reply_last = row;
  RETURN_IF_ERROR(SaveConversation(context_, *conversation));
  return true;
}

absl::StatusOr<bool> Importer::AddUserEvent(const std::string& field,
                                            const v1::UserEventRecord& record) {
  const v1::UserEvent& event = record.event();
  if (event.id() == 0) {
    return InvalidField(absl::StrCat(field, ".event.id"), "is required");
  }
  RETURN_IF_ERROR(CheckText(absl::StrCat(field, ".event.type.name"),
                            event.type().name(), 1,
                            context_.limits.name_chars_max));
  if (event.created() < 0 || event.created() > kRecordSecondsMax) {
    return InvalidField(absl::StrCat(field, ".event.created"),
                        absl::StrCat("must be seconds since 1970, at most ",
                                     kRecordSecondsMax));
  }
  ASSIGN_OR_RETURN(const std::optional<UserRow> user,
                   FindUserById(context_, event.user()));
  if (!user.has_value()) return NotThere(field, "user", event.user());
  {
    ASSIGN_OR_RETURN(Statement find, context_.Prepare(kFindEventById));
    find.Bind(0, IdToSql(event.id()));
    find.Bind(1, context_.app.sql_id());
    ASSIGN_OR_RETURN(const bool there, find.Step());
    if (there) {
      return SameOrRefused(
          field, find.Int(0) == user->row && find.Int(1) == event.created());
    }
  }
  ASSIGN_OR_RETURN(
      const EventTypeRow type,
      FindOrAddEventType(context_, event.type().name(), event.type().id()));
  RETURN_IF_ERROR(StoreUserEvent(context_, user->row, type.row, event));
  NoteId(event.id());
  NoteId(event.type().id());
  return true;
}

absl::Status Importer::Finish() {
  if (highest_id_ == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(Statement raise, context_.Prepare(kRaiseIds));
  raise.Bind(0, static_cast<int64_t>(highest_id_));
  return raise.Run();
}

}  // namespace

absl::Status ImportRecords(WriteContext& context,
                           const v1::ImportRecordsRequest& request,
                           v1::ImportRecordsResponse* response) {
  if (request.records_size() > kRecordsMax) {
    return InvalidField("records", "more than 1,000");
  }
  Importer importer(context);
  int64_t imported = 0;
  for (int i = 0; i < request.records_size(); ++i) {
    ASSIGN_OR_RETURN(
        const bool added,
        importer.Add(absl::StrCat("records[", i, "]"), request.records(i)));
    if (added) ++imported;
  }
  response->set_imported(imported);
  response->set_existing(request.records_size() - imported);
  return importer.Finish();
}

}  // namespace chatgate::platform
