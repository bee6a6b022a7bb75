#include "server/outbox/delivery_table.h"

namespace chatgate::delivery_table {

Schema OutboxSchema() {
  return {"outbox", {R"sql(
CREATE TABLE outbox_targets (
  id INTEGER PRIMARY KEY,
  app_id INTEGER NOT NULL,
  url_digest TEXT NOT NULL,
  url TEXT NOT NULL,
  pending INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  delivered INTEGER NOT NULL DEFAULT 0,
  attempts_failed INTEGER NOT NULL DEFAULT 0,
  dropped INTEGER NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT '',
  last_error_ms INTEGER,
  last_success_ms INTEGER,
  silent_since_ms INTEGER,
  UNIQUE (app_id, url_digest)
);
CREATE TABLE outbox_deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  target_id INTEGER NOT NULL,
  lane TEXT NOT NULL,
  kind INTEGER NOT NULL,
  subject_id INTEGER NOT NULL,
  state INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  created_ms INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  last_error TEXT NOT NULL DEFAULT '',
  body BLOB NOT NULL
);
CREATE INDEX outbox_lane ON outbox_deliveries (target_id, lane, id)
  WHERE state = 1;
CREATE INDEX outbox_state ON outbox_deliveries (target_id, state, id);
CREATE TABLE outbox_lanes (
  target_id INTEGER NOT NULL,
  lane TEXT NOT NULL,
  due_ms INTEGER NOT NULL,
  PRIMARY KEY (target_id, lane)
) WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox_lanes (target_id, due_ms);
)sql"}};
}

}  // namespace chatgate::delivery_table
