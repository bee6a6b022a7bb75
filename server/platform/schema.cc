#include "server/platform/schema.h"

namespace chatgate {

namespace {

// Conventions of every table:
//   `row`       local number that only grows; lists and cursors order by it.
//   `id`, `app` ids of the platform, stored by IdToSql. Unique together, with
//               `id` first, so that the same index tells an id of another app.
//   times       microseconds since 1970, unless a comment says otherwise.
//   references  to another table's `row`.
constexpr char kFirst[] = R"sql(
-- The one counter that new ids of every kind come from. Adopted ids never move it,
-- and it begins where they are not: the real platform's older ids are below 2^31, its
-- newer ones about 2^60. JavaScript still counts exactly there.
CREATE TABLE platform_ids(one INTEGER PRIMARY KEY CHECK(one = 1), last INTEGER NOT NULL);
INSERT INTO platform_ids VALUES(1, 1000000000000);

CREATE TABLE platform_users(
  row INTEGER PRIMARY KEY,
  app INTEGER NOT NULL,
  id INTEGER NOT NULL,
  site_id TEXT,                       -- The site's own id of the person.
  created INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  last_reply INTEGER NOT NULL DEFAULT 0,
  last_contacted INTEGER NOT NULL DEFAULT 0,
  presence INTEGER NOT NULL DEFAULT 0,  -- 1 online, 2 idle, as of `signal`.
  signal INTEGER NOT NULL DEFAULT 0,
  active_since INTEGER NOT NULL DEFAULT 0,
  lead INTEGER NOT NULL DEFAULT 0       -- Counts as a lead in ListUsers.
);
CREATE UNIQUE INDEX platform_users_id ON platform_users(id, app);
CREATE UNIQUE INDEX platform_users_site ON platform_users(app, site_id) WHERE site_id IS NOT NULL;
CREATE INDEX platform_users_seen ON platform_users(app, last_seen, row) WHERE lead = 1;
CREATE INDEX platform_users_online ON platform_users(app, signal, row) WHERE presence = 1;

CREATE TABLE platform_props(
  user INTEGER NOT NULL,
  key TEXT NOT NULL,
  value BLOB NOT NULL,                  -- google.protobuf.Value.
  PRIMARY KEY(user, key)
) WITHOUT ROWID;

CREATE TABLE platform_conversations(
  row INTEGER PRIMARY KEY,
  app INTEGER NOT NULL,
  id INTEGER NOT NULL,
  user INTEGER,                         -- NULL where the lead is not known.
  last_update INTEGER NOT NULL,
  listed INTEGER NOT NULL,              -- Shown in the inbox.
  closed INTEGER NOT NULL,
  assignee INTEGER,                     -- NULL: nobody.
  channel INTEGER,                      -- NULL: none.
  unread INTEGER NOT NULL,              -- Something waits for operators.
  read_row INTEGER NOT NULL,            -- The lead has read parts up to it.
  part_last INTEGER NOT NULL,
  reply_last INTEGER NOT NULL,
  part_group INTEGER NOT NULL,          -- 0: the next part begins one.
  adopted INTEGER NOT NULL,             -- `created` of the newest adopted part, seconds.
  state BLOB NOT NULL                   -- v1.Conversation without what is above.
);
CREATE UNIQUE INDEX platform_conversations_id ON platform_conversations(id, app);
CREATE INDEX platform_conversations_user ON platform_conversations(user, last_update, row);
CREATE INDEX platform_conversations_all ON platform_conversations(app, last_update, row)
  WHERE listed = 1;
CREATE INDEX platform_conversations_held ON platform_conversations(app, last_update, row)
  WHERE listed = 1 AND assignee IS NOT NULL;
CREATE INDEX platform_conversations_closed ON platform_conversations(app, closed, last_update, row)
  WHERE listed = 1;
CREATE INDEX platform_conversations_assignee
  ON platform_conversations(app, assignee, last_update, row) WHERE listed = 1;
CREATE INDEX platform_conversations_channel
  ON platform_conversations(app, channel, assignee, unread)
  WHERE listed = 1 AND channel IS NOT NULL AND closed = 0;

-- The tags again, so that a rare one is found without reading every conversation.
CREATE TABLE platform_tags(
  conversation INTEGER NOT NULL,
  tag TEXT NOT NULL,
  app INTEGER NOT NULL,
  last_update INTEGER NOT NULL,         -- That of the conversation.
  PRIMARY KEY(conversation, tag)
) WITHOUT ROWID;
CREATE INDEX platform_tags_list ON platform_tags(app, tag, last_update, conversation);

CREATE TABLE platform_parts(
  row INTEGER PRIMARY KEY,
  app INTEGER NOT NULL,
  id INTEGER NOT NULL,
  conversation INTEGER NOT NULL,
  part BLOB NOT NULL                    -- v1.ConversationPart without `read`.
);
CREATE UNIQUE INDEX platform_parts_id ON platform_parts(id, app);
CREATE INDEX platform_parts_conversation ON platform_parts(conversation, row);

CREATE TABLE platform_event_types(
  row INTEGER PRIMARY KEY,
  app INTEGER NOT NULL,
  id INTEGER NOT NULL,
  name TEXT NOT NULL
);
CREATE UNIQUE INDEX platform_event_types_name ON platform_event_types(app, name);

CREATE TABLE platform_events(
  row INTEGER PRIMARY KEY,
  app INTEGER NOT NULL,
  id INTEGER NOT NULL,
  user INTEGER NOT NULL,
  type INTEGER NOT NULL,
  created INTEGER NOT NULL,             -- Seconds, as the caller said.
  props BLOB NOT NULL                   -- google.protobuf.Struct.
);
CREATE INDEX platform_events_user ON platform_events(user, row);
CREATE INDEX platform_events_type ON platform_events(user, type, row);

CREATE TABLE platform_event_counts(
  user INTEGER NOT NULL,
  type INTEGER NOT NULL,
  count INTEGER NOT NULL,
  first INTEGER NOT NULL,               -- Seconds.
  last INTEGER NOT NULL,                -- Seconds.
  PRIMARY KEY(user, type)
) WITHOUT ROWID;

CREATE TABLE platform_request_ids(
  app INTEGER NOT NULL,
  method TEXT NOT NULL,
  id TEXT NOT NULL,
  fingerprint BLOB NOT NULL,            -- Of the request's content.
  response BLOB NOT NULL,
  PRIMARY KEY(app, method, id)
) WITHOUT ROWID;
)sql";

// An import asks for each event whether it is there.
constexpr char kSecond[] = R"sql(
CREATE UNIQUE INDEX platform_events_id ON platform_events(id, app);
)sql";

}  // namespace

Schema PlatformSchema() { return {"platform", {kFirst, kSecond}}; }

}  // namespace chatgate
