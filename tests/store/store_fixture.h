#ifndef CHATGATE_TESTS_STORE_STORE_FIXTURE_H_
#define CHATGATE_TESTS_STORE_STORE_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/store/store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {

// One table of numbers.
inline Schema Numbers() {
  return {"numbers", {"CREATE TABLE numbers (value INTEGER PRIMARY KEY)"}};
}

inline absl::Status Insert(Transaction& transaction, int64_t value) {
  ASSIGN_OR_RETURN(Statement insert,
                   transaction.Prepare("INSERT INTO numbers VALUES (?)"));
  insert.Bind(0, value);
  return insert.Run();
}

inline Store::Work Inserting(int64_t value) {
  return
      [value](Transaction& transaction) { return Insert(transaction, value); };
}

// Something that threads wait for.
class Latch {
 public:
  void Open() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    open_ = true;
    opened_.SignalAll();
  }
  void Wait() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (!open_) opened_.Wait(mu_);
  }

 private:
  Mutex mu_;
  CondVar opened_;
  bool open_ ABSL_GUARDED_BY(mu_) = false;
};

// A store in a fresh folder, not open yet.
class StoreTest : public ::testing::Test {
 protected:
  StoreTest() { options_.path = dir_.File("test.db"); }

  void Open() {
    store_.reset();
    ASSERT_OK_AND_ASSIGN(store_, Store::Open(options_, {Numbers()}));
  }

  std::vector<int64_t> Values() {
    std::vector<int64_t> values;
    EXPECT_THAT(store_->Read([&](Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(
          Statement select,
          connection.Prepare("SELECT value FROM numbers ORDER BY value"));
      while (true) {
        ASSIGN_OR_RETURN(const bool row, select.Step());
        if (!row) return absl::OkStatus();
        values.push_back(select.Int(0));
      }
    }),
                IsOk());
    return values;
  }

  // Keeps the writer thread busy until `release` opens, between transactions:
  // what is submitted meanwhile begins the next.
  void HoldWriter(Latch& release) {
    Latch held;
    store_->Submit([](Transaction&) { return absl::OkStatus(); },
                   [&](const absl::Status&) {
                     held.Open();
                     release.Wait();
                   });
    held.Wait();
  }

  // The same in the middle of a transaction, with a work that inserts 0: what
  // is submitted meanwhile comes into the same transaction.
  void HoldTransaction(
      Latch& release, Store::Done done = [](const absl::Status&) {}) {
    const auto held = std::make_shared<Latch>();
    store_->SubmitRepeatable(
        [held, &release](Transaction& transaction) {
          held->Open();
          release.Wait();
          return Insert(transaction, 0);
        },
        std::move(done));
    held->Wait();
  }

  TempDir dir_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_STORE_STORE_FIXTURE_H_
