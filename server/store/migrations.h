#ifndef CHATGATE_SERVER_STORE_MIGRATIONS_H_
#define CHATGATE_SERVER_STORE_MIGRATIONS_H_

#include <vector>

#include "absl/status/status.h"
#include "server/store/database.h"
#include "server/store/store.h"

namespace chatgate {

// Brings every room's tables to the version that `schemas` describe, one
// transaction a step. FAILED_PRECONDITION: the database is newer.
absl::Status Migrate(Connection& connection,
                     const std::vector<Schema>& schemas);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_STORE_MIGRATIONS_H_
