#ifndef CHATGATE_SERVER_STORE_STORE_H_
#define CHATGATE_SERVER_STORE_STORE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/database.h"

namespace chatgate {

// Numbered changes of one room's tables. Step i brings the schema from version
// i to i + 1; steps are never edited once released, only added.
struct Schema {
  std::string room;                // Such as "event_log".
  std::vector<std::string> steps;  // SQL, each run in one transaction.
};

struct StoreOptions {
  std::string path;              // The database file; its folder must exist.
  size_t queue_max = 8192;       // Works that wait; more are refused.
  size_t group_max = 1024;       // Works in one transaction.
  int checkpoint_pages = 4000;   // Pages of WAL between checkpoints.
  int reader_threads = 4;        // Reads at a time, beside the short ones.
  size_t read_queue_max = 4096;  // Reads that wait; more are refused.
  std::string vfs;               // SQLite's way to the disk; empty: the usual.
};

// Store is one SQLite database (WAL, synchronous=FULL) with a single writer
// thread that takes everything that waits into one transaction, and a few
// reading threads.
//
//   store->Submit(
//       [](Transaction& transaction) -> absl::Status {
//         ASSIGN_OR_RETURN(Statement insert, transaction.Prepare("INSERT
//         ...")); return insert.Run();
//       },
//       [](absl::Status status) { /* on stable storage, or refused */ });
//
// Durability: a Done gets OK only after the transaction is on stable storage.
// Ordering:   works run in the order of Submit; so do their Dones.
// Atomicity:  a work whose status is not OK leaves nothing behind; the others
//             of its group are not concerned.
// Errors:     after the first failure of disk or file (a full disk, too), in a
//             statement, a commit or a checkpoint, the works of that group and
//             all further ones are refused with UNAVAILABLE until the database
//             is opened again; reads go on. OnBroken tells of it, once.
// Threads:    every method may be called from any thread. Work and Done run on
//             the writer thread and must not block or call Write; Done may call
//             Submit.
class Store {
 public:
  using Work = std::function<absl::Status(Transaction&)>;
  using Done = std::function<void(absl::Status)>;
  using Reading = std::function<void(absl::StatusOr<Connection*>)>;

  // Opens or creates the database and brings every room's schema up to date.
  // FAILED_PRECONDITION: a schema is newer than this program.
  // DATA_LOSS:           the file is no database, or is damaged.
  static absl::StatusOr<std::unique_ptr<Store>> Open(
      const StoreOptions& options, const std::vector<Schema>& schemas);

  // Finishes every work that was accepted, then closes.
  virtual ~Store() = default;

  // Queues a change. RESOURCE_EXHAUSTED through `done`, on the calling thread,
  // when `queue_max` works wait.
  virtual void Submit(Work work, Done done) = 0;

  // The same for a work that may be run twice: where it, or a work beside it,
  // fails, everything that it did is undone (its hooks for a rollback run), and
  // it is run again. Costs less than Submit where many wait.
  virtual void SubmitRepeatable(Work work, Done done) = 0;

  // Submits and waits. Never from a Work, a Done or a gRPC queue's thread.
  absl::Status Write(Work work);

  // Queues a read for one of the reading threads, which hands over its
  // connection, or RESOURCE_EXHAUSTED on the calling thread when
  // `read_queue_max` reads wait. A reading sees one state of the database, in a
  // transaction that ends with the call: it keeps no Statement.
  virtual void SubmitRead(Reading reading) = 0;

  // The same for a reading that looks at a few rows alone. These have a thread
  // of their own, which takes what waits into one transaction: no long reading
  // is in their way, and where there are many each costs less. A reading that
  // is long after all delays the others.
  virtual void SubmitShortRead(Reading reading) = 0;

  // Reads on the calling thread, with a connection of its own from a pool; as
  // SubmitRead otherwise. May wait for a connection: never from within a
  // reading.
  virtual absl::Status Read(
      const std::function<absl::Status(Connection&)>& reading) = 0;

  // OK, or why changes are refused.
  virtual absl::Status Health() const = 0;

  // Called once, from the writer thread, when the store breaks; at once where
  // it is broken already. At most one listener, which outlives the store.
  virtual void OnBroken(std::function<void(absl::Status)> on_broken) = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_STORE_STORE_H_
