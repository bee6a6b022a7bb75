#include "server/outbox/delivery_list.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/outbox/delivery_table.h"

namespace chatgate {
namespace {

constexpr int64_t kExaminedMax = 10'000;

void SetTime(int64_t ms, google::protobuf::Timestamp* time) {
  time->set_seconds(ms / 1000);
  time->set_nanos(static_cast<int32_t>(ms % 1000 * 1'000'000));
}

// When the oldest that waits for the target began to; empty when none does.
absl::StatusOr<std::optional<int64_t>> OldestPending(Connection& connection,
                                                     int64_t target_id) {
  ASSIGN_OR_RETURN(Statement select,
                   connection.Prepare("SELECT since_ms FROM outbox_deliveries"
                                      " WHERE target_id=? AND state=1"
                                      " ORDER BY id LIMIT 1"));
  select.Bind(0, target_id);
  ASSIGN_OR_RETURN(const bool found, select.Step());
  return found ? std::optional<int64_t>(select.Int(0)) : std::nullopt;
}

// From `SELECT id, app_id, url, pending, failed, bytes, delivered,
// attempts_failed, dropped, last_error, last_error_ms, last_success_ms,
// silent_since_ms`.
v1::WebhookTargetStatus TargetOf(const Statement& row) {
  v1::WebhookTargetStatus target;
  target.set_id(static_cast<uint64_t>(row.Int(0)));
  target.set_app_id(IdFromSql(row.Int(1)));
  target.set_url(std::string(row.Text(2)));
  target.set_pending(row.Int(3));
  target.set_failed(row.Int(4));
  target.set_bytes(row.Int(5));
  target.set_delivered(row.Int(6));
  target.set_attempts_failed(row.Int(7));
  target.set_dropped(row.Int(8));
  target.set_last_error(std::string(row.Text(9)));
  if (!row.IsNull(10)) SetTime(row.Int(10), target.mutable_last_error_time());
  if (!row.IsNull(11)) SetTime(row.Int(11), target.mutable_last_success_time());
  if (!row.IsNull(12)) SetTime(row.Int(12), target.mutable_silent_since());
  return target;
}

// When the next attempt is due, where the delivery is the first of its lane.
absl::Status AddNextAttempt(Connection& connection,
                            v1::WebhookDelivery* delivery) {
  ASSIGN_OR_RETURN(
      Statement select,
      connection.Prepare("SELECT due_ms FROM outbox_lanes WHERE target_id=?1"
                         " AND lane=?2 AND ?3=(SELECT id FROM"
                         " outbox_deliveries WHERE target_id=?1 AND lane=?2"
                         " AND state=1 ORDER BY id LIMIT 1)"));
  select.Bind(0, static_cast<int64_t>(delivery->target_id()));
  select.Bind(1, delivery->lane());
  select.Bind(2, static_cast<int64_t>(delivery->id()));
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (found) SetTime(select.Int(0), delivery->mutable_next_attempt_time());
  return absl::OkStatus();
}

// From `SELECT id, target_id, lane, kind, subject_id, state, attempts,
// created_ms, last_error, length(body)`.
v1::WebhookDelivery DeliveryOf(const Statement& row) {
  v1::WebhookDelivery delivery;
  delivery.set_id(static_cast<uint64_t>(row.Int(0)));
  delivery.set_target_id(static_cast<uint64_t>(row.Int(1)));
  delivery.set_lane(std::string(row.Text(2)));
  delivery.set_kind(static_cast<v1::WebhookDeliveryKind>(row.Int(3)));
  delivery.set_subject_id(IdFromSql(row.Int(4)));
  delivery.set_state(row.Int(5) == delivery_table::kFailed
                         ? v1::WEBHOOK_DELIVERY_STATE_FAILED
                         : v1::WEBHOOK_DELIVERY_STATE_PENDING);
  delivery.set_attempts(row.Int(6));
  SetTime(row.Int(7), delivery.mutable_create_time());
  delivery.set_last_error(std::string(row.Text(8)));
  delivery.set_bytes(row.Int(9));
  return delivery;
}

absl::StatusOr<std::set<int64_t>> TargetsOf(Connection& connection,
                                            const std::set<uint64_t>& app_ids) {
  ASSIGN_OR_RETURN(Statement select,
                   connection.Prepare("SELECT id, app_id FROM outbox_targets"));
  std::set<int64_t> ids;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return ids;
    if (app_ids.empty() || app_ids.contains(IdFromSql(select.Int(1)))) {
      ids.insert(select.Int(0));
    }
  }
}

// Those of one target in one state come from an index; all others from the
// table in its own order, looked through.
absl::StatusOr<Statement> SelectDeliveries(Connection& connection,
                                           const DeliveryFilter& filter) {
  const bool indexed = filter.target_id != 0 && filter.state != 0;
  ASSIGN_OR_RETURN(
      Statement select,
      connection.Prepare(absl::StrCat(
          "SELECT id, target_id, lane, kind, subject_id, state, attempts,"
          " created_ms, last_error, length(body) FROM outbox_deliveries WHERE ",
          indexed ? "target_id=?3 AND state=?4 AND " : "",
          "id>?1 ORDER BY id LIMIT ?2")));
  select.Bind(0, filter.after_id);
  // One more tells whether there is a next page.
  select.Bind(1, kExaminedMax + 1);
  if (indexed) {
    select.Bind(2, filter.target_id);
    select.Bind(3, int64_t{filter.state});
  }
  return select;
}

}  // namespace

absl::Status ReadTargets(Connection& connection,
                         const std::set<uint64_t>& app_ids,
                         const std::vector<OutboxTarget>& configured,
                         absl::Time now,
                         v1::ListWebhookTargetsResponse* response) {
  std::map<int64_t, v1::WebhookTargetStatus> found;
  ASSIGN_OR_RETURN(
      Statement select,
      connection.Prepare("SELECT id, app_id, url, pending, failed, bytes,"
                         " delivered, attempts_failed, dropped, last_error,"
                         " last_error_ms, last_success_ms, silent_since_ms"
                         " FROM outbox_targets"));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) break;
    v1::WebhookTargetStatus target = TargetOf(select);
    if (!app_ids.empty() && !app_ids.contains(target.app_id())) continue;
    ASSIGN_OR_RETURN(const std::optional<int64_t> oldest,
                     OldestPending(connection, select.Int(0)));
    if (oldest.has_value()) {
      SetTime(*oldest, target.mutable_oldest_pending_time());
      target.set_oldest_pending_age_ms(
          std::max<int64_t>(absl::ToUnixMillis(now) - *oldest, 0));
    }
    found[select.Int(0)] = std::move(target);
  }
  for (const OutboxTarget& target : configured) {
    const auto entry = found.find(target.id);
    if (entry == found.end()) continue;
    entry->second.set_configured(true);
    entry->second.mutable_event_names()->Assign(target.event_names.begin(),
                                                target.event_names.end());
    *response->add_targets() = std::move(entry->second);
    found.erase(entry);
  }
  for (auto& [id, target] : found) {
    if (target.pending() + target.failed() == 0) continue;
    *response->add_targets() = std::move(target);
  }
  return absl::OkStatus();
}

absl::Status ReadDeliveries(Connection& connection,
                            const DeliveryFilter& filter,
                            v1::ListWebhookDeliveriesResponse* response) {
  ASSIGN_OR_RETURN(const std::set<int64_t> targets,
                   TargetsOf(connection, filter.app_ids));
  if (filter.target_id != 0 && !targets.contains(filter.target_id)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(Statement select, SelectDeliveries(connection, filter));
  int64_t last_id = 0;
  for (int64_t examined = 0;; ++examined) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) break;
    if (examined == kExaminedMax ||
        response->deliveries_size() == filter.deliveries_max) {
      response->set_next_page_token(absl::StrCat(last_id));
      break;
    }
    last_id = select.Int(0);
    const bool wanted =
        targets.contains(select.Int(1)) &&
        (filter.target_id == 0 || filter.target_id == select.Int(1)) &&
        (filter.state == 0 || filter.state == select.Int(5));
    if (wanted) *response->add_deliveries() = DeliveryOf(select);
  }
  for (v1::WebhookDelivery& delivery : *response->mutable_deliveries()) {
    RETURN_IF_ERROR(AddNextAttempt(connection, &delivery));
  }
  return absl::OkStatus();
}

}  // namespace chatgate
