#ifndef CHATGATE_TESTS_SUPPORT_SIMULATED_DISK_H_
#define CHATGATE_TESTS_SUPPORT_SIMULATED_DISK_H_

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "server/base/mutex.h"

namespace chatgate {

// A disk for SQLite that fails when told to, and that can lose its power. It
// sits on the real files, and remembers beside them what has been synced.
//
//   SimulatedDisk disk;
//   options.vfs = disk.vfs();
//   disk.FailFrom(SimulatedDisk::Call::kSync, 3, SQLITE_IOERR_FSYNC);
//   disk.CutPower(random, fresh_dir.path());  // Open the files there.
//
// A sync that fails forgets what it should have written, as Linux does: the
// pages read back well and yet are never written.
//
// Threads:  any. Lifetime: outlives every database on it.
class SimulatedDisk {
 public:
  enum class Call { kWrite, kSync };

  SimulatedDisk();
  ~SimulatedDisk();
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  // For StoreOptions::vfs.
  const std::string& vfs() const { return name_; }

  // The `nth` such call from now on (1 is the next) and all later ones answer
  // `code`, until Heal.
  void FailFrom(Call call, int nth, int code) ABSL_LOCKS_EXCLUDED(mu_);
  // That call alone, as Linux tells of a failed sync once.
  void FailOnce(Call call, int nth, int code) ABSL_LOCKS_EXCLUDED(mu_);
  void Heal() ABSL_LOCKS_EXCLUDED(mu_);

  // Writes the files into `dir` as a power cut at this moment would leave them:
  // all that was synced, and of the rest a random part, pages torn.
  void CutPower(std::minstd_rand& random, const std::string& dir) const
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  friend struct DiskFile;

  // A write, or a truncation to `offset` where `cut` is set.
  struct Change {
    int64_t offset;
    std::string bytes;
    bool cut = false;
  };
  struct Contents {
    std::string synced;
    std::vector<Change> unsynced;
  };

  static int Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file,
                  int flags, int* out_flags);
  static int Delete(sqlite3_vfs* vfs, const char* path, int sync_dir);
  static void Apply(const Change& change, size_t bytes, std::string& contents);

  // SQLITE_OK, or the code that this call is to answer.
  int Fault(Call call) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::string name_;
  sqlite3_vfs* const real_;
  sqlite3_vfs vfs_;

  mutable Mutex mu_;
  std::map<std::string, Contents> files_ ABSL_GUARDED_BY(mu_);  // By path.
  std::map<Call, int> calls_left_ ABSL_GUARDED_BY(mu_);  // Until they fail.
  int code_ ABSL_GUARDED_BY(mu_) = SQLITE_OK;
  bool fails_once_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_SUPPORT_SIMULATED_DISK_H_
