#include "tests/support/simulated_disk.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

constexpr size_t kSector = 512;

std::string NewName() {
  static std::atomic<int> made = 0;
  return absl::StrCat("simulated-disk-", ++made);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

// SQLite allocates it, and behind it the real file.
struct DiskFile {
  sqlite3_file base;  // First: SQLite sees no more of it.
  SimulatedDisk* disk;
  std::string* path;  // Null for temporary files, which may be lost.

  static DiskFile& Of(sqlite3_file* file) {
    return *reinterpret_cast<DiskFile*>(file);
  }
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  static sqlite3_file* Real(sqlite3_file* file) { return Of(file).real(); }
  static const sqlite3_io_methods& RealMethods(sqlite3_file* file) {
    return *Real(file)->pMethods;
  }

  static int Close(sqlite3_file* file) {
    delete Of(file).path;
    return RealMethods(file).xClose(Real(file));
  }

  static int Write(sqlite3_file* file, const void* bytes, int size,
                   sqlite3_int64 offset) {
    DiskFile& self = Of(file);
    MutexLock lock(self.disk->mu_);
    const int fault = self.disk->Fault(SimulatedDisk::Call::kWrite);
    if (fault != SQLITE_OK) return fault;
    if (self.path != nullptr) {
      self.disk->files_[*self.path].unsynced.push_back(
          {offset, std::string(static_cast<const char*>(bytes), size)});
    }
    return RealMethods(file).xWrite(Real(file), bytes, size, offset);
  }

  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    DiskFile& self = Of(file);
    MutexLock lock(self.disk->mu_);
    if (self.path != nullptr) {
      self.disk->files_[*self.path].unsynced.push_back(
          {size, std::string(), /*cut=*/true});
    }
    return RealMethods(file).xTruncate(Real(file), size);
  }

  static int Sync(sqlite3_file* file, int) {
    DiskFile& self = Of(file);
    MutexLock lock(self.disk->mu_);
    const int fault = self.disk->Fault(SimulatedDisk::Call::kSync);
    if (self.path == nullptr) return fault;
    SimulatedDisk::Contents& contents = self.disk->files_[*self.path];
    for (const SimulatedDisk::Change& change : contents.unsynced) {
      if (fault == SQLITE_OK) {
        SimulatedDisk::Apply(change, change.bytes.size(), contents.synced);
      }
    }
    contents.unsynced.clear();
    return fault;  // The real file needs no sync: power is cut in memory alone.
  }

  static const sqlite3_io_methods kMethods;
};

const sqlite3_io_methods DiskFile::kMethods = {
    .iVersion = 2,  // With shared memory, without mapping of the file.
    .xClose = DiskFile::Close,
    .xRead =
        [](sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
          return RealMethods(file).xRead(Real(file), bytes, size, offset);
        },
    .xWrite = DiskFile::Write,
    .xTruncate = DiskFile::Truncate,
    .xSync = DiskFile::Sync,
    .xFileSize =
        [](sqlite3_file* file, sqlite3_int64* size) {
          return RealMethods(file).xFileSize(Real(file), size);
        },
    .xLock =
        [](sqlite3_file* file, int level) {
          return RealMethods(file).xLock(Real(file), level);
        },
    .xUnlock =
        [](sqlite3_file* file, int level) {
          return RealMethods(file).xUnlock(Real(file), level);
        },
    .xCheckReservedLock =
        [](sqlite3_file* file, int* reserved) {
          return RealMethods(file).xCheckReservedLock(Real(file), reserved);
        },
    .xFileControl =
        [](sqlite3_file* file, int what, void* argument) {
          return RealMethods(file).xFileControl(Real(file), what, argument);
        },
    .xSectorSize =
        [](sqlite3_file* file) {
          return RealMethods(file).xSectorSize(Real(file));
        },
    .xDeviceCharacteristics =
        [](sqlite3_file* file) {
          return RealMethods(file).xDeviceCharacteristics(Real(file));
        },
    .xShmMap =
        [](sqlite3_file* file, int page, int size, int extend,
           void volatile** memory) {
          return RealMethods(file).xShmMap(Real(file), page, size, extend,
                                           memory);
        },
    .xShmLock =
        [](sqlite3_file* file, int offset, int count, int flags) {
          return RealMethods(file).xShmLock(Real(file), offset, count, flags);
        },
    .xShmBarrier =
        [](sqlite3_file* file) { RealMethods(file).xShmBarrier(Real(file)); },
    .xShmUnmap =
        [](sqlite3_file* file, int remove) {
          return RealMethods(file).xShmUnmap(Real(file), remove);
        },
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

SimulatedDisk::SimulatedDisk()
    : name_(NewName()), real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
  vfs_.szOsFile = static_cast<int>(sizeof(DiskFile)) + real_->szOsFile;
  vfs_.pNext = nullptr;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = Open;
  vfs_.xDelete = Delete;
  sqlite3_vfs_register(&vfs_, /*makeDflt=*/0);
}

SimulatedDisk::~SimulatedDisk() { sqlite3_vfs_unregister(&vfs_); }

void SimulatedDisk::FailFrom(Call call, int nth, int code) {
  MutexLock lock(mu_);
  calls_left_[call] = nth - 1;
  code_ = code;
  fails_once_ = false;
}

void SimulatedDisk::FailOnce(Call call, int nth, int code) {
  FailFrom(call, nth, code);
  MutexLock lock(mu_);
  fails_once_ = true;
}

void SimulatedDisk::Heal() {
  MutexLock lock(mu_);
  calls_left_.clear();
}

int SimulatedDisk::Fault(Call call) {
  const auto left = calls_left_.find(call);
  if (left == calls_left_.end()) return SQLITE_OK;
  if (left->second > 0) {
    --left->second;
    return SQLITE_OK;
  }
  if (fails_once_) calls_left_.erase(left);
  return code_;
}

int SimulatedDisk::Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file,
                        int flags, int* out_flags) {
  auto* const disk = static_cast<SimulatedDisk*>(vfs->pAppData);
  DiskFile& self = DiskFile::Of(file);
  self.base.pMethods = nullptr;  // SQLite does not close what did not open.
  self.disk = disk;
  self.path = nullptr;
  MutexLock lock(disk->mu_);
  const int code =
      disk->real_->xOpen(disk->real_, path, self.real(), flags, out_flags);
  if (code != SQLITE_OK) return code;
  self.base.pMethods = &DiskFile::kMethods;
  if (path != nullptr) {
    self.path = new std::string(path);
    const auto [known, is_new] = disk->files_.try_emplace(path);
    if (is_new) known->second.synced = ReadFile(path);
  }
  return SQLITE_OK;
}

int SimulatedDisk::Delete(sqlite3_vfs* vfs, const char* path, int sync_dir) {
  auto* const disk = static_cast<SimulatedDisk*>(vfs->pAppData);
  MutexLock lock(disk->mu_);
  disk->files_.erase(path);
  return disk->real_->xDelete(disk->real_, path, sync_dir);
}

void SimulatedDisk::Apply(const Change& change, size_t bytes,
                          std::string& contents) {
  if (change.cut) {
    contents.resize(change.offset);
    return;
  }
  const size_t end = change.offset + bytes;
  if (contents.size() < end) contents.resize(end);
  std::copy_n(change.bytes.begin(), bytes, contents.begin() + change.offset);
}

void SimulatedDisk::CutPower(std::minstd_rand& random,
                             const std::string& dir) const {
  MutexLock lock(mu_);
  for (const auto& [path, contents] : files_) {
    std::string left = contents.synced;
    // At times nearly all had reached the disk, at times nearly nothing.
    const unsigned likely = random() % 5;
    for (const Change& change : contents.unsynced) {
      if (random() % 4 >= likely) continue;
      size_t bytes = change.bytes.size();
      if (random() % 8 == 0) {
        bytes = std::min(bytes, random() % (bytes / kSector + 1) * kSector);
      }
      Apply(change, bytes, left);
    }
    const std::string name = std::filesystem::path(path).filename().string();
    std::ofstream(absl::StrCat(dir, "/", name), std::ios::binary) << left;
  }
}

}  // namespace chatgate
