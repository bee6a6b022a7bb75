// The log against a std::vector, under random appends, failing participants,
// failing disks, kills, power cuts and reopenings. The seed is printed; set
// CHATGATE_TEST_SEED to run one again.
#include <sqlite3.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "server/base/status_macros.h"
#include "tests/event_log/event_log_fixture.h"
#include "tests/support/simulated_disk.h"

namespace chatgate {
namespace {

using Call = SimulatedDisk::Call;

unsigned Seed() {
  const char* given = std::getenv("CHATGATE_TEST_SEED");
  return given != nullptr ? std::strtoul(given, nullptr, 10)
                          : std::random_device()();
}

// Writes each event's seq into a table of its own, and refuses bodies that
// begin with `bad`, after it has written.
class Adopter final : public AppendParticipant {
 public:
  absl::Status OnAppend(Transaction& transaction,
                        const v1::Event& event) override {
    {
      ASSIGN_OR_RETURN(Statement insert,
                       transaction.Prepare("INSERT INTO adopted VALUES (?)"));
      insert.Bind(0, static_cast<int64_t>(event.seq()));
      RETURN_IF_ERROR(insert.Run());
    }
    const std::string& body = event.dashly_conversation().conversation().body();
    return absl::StartsWith(body, "bad") ? absl::AbortedError("bad")
                                         : absl::OkStatus();
  }
};

// What the log should hold, if all that was submitted was written.
struct Model {
  std::vector<std::string> bodies;                  // Of seq 1, 2, ...
  std::map<uint64_t, uint64_t> seq_of_key;          // By DedupeKey::id.
  std::map<uint64_t, uint64_t> seq_of_fingerprint;  // First with it.
  std::vector<uint64_t> duplicate_of;               // 0: of none.

  uint64_t Add(const std::string& body, uint64_t repeats = 0) {
    bodies.push_back(body);
    duplicate_of.push_back(repeats);
    return bodies.size();
  }
  // Forgets what comes after `head`.
  void Cut(uint64_t head) {
    bodies.resize(head);
    duplicate_of.resize(head);
    for (auto* map : {&seq_of_key, &seq_of_fingerprint}) {
      std::erase_if(*map,
                    [&](const auto& entry) { return entry.second > head; });
    }
  }
};

// What came back, counted by the writer thread.
struct Answers {
  void Add(const absl::StatusOr<Appended>& appended, uint64_t wanted_seq,
           bool wanted_duplicate) ABSL_LOCKS_EXCLUDED(mu) {
    MutexLock lock(mu);
    ++count;
    if (appended.ok()) {
      EXPECT_FALSE(failed) << "acknowledged after a failure";
      EXPECT_EQ(appended->seq, wanted_seq);
      EXPECT_EQ(appended->duplicate, wanted_duplicate);
      durable = std::max(durable, appended->seq);
    } else if (!absl::IsAborted(appended.status())) {
      EXPECT_THAT(appended, StatusIs(absl::StatusCode::kUnavailable));
      failed = true;
    }
    changed.SignalAll();
  }
  // The last seq that is promised, once `wanted` answers are there.
  uint64_t Await(int wanted) ABSL_LOCKS_EXCLUDED(mu) {
    MutexLock lock(mu);
    while (count < wanted) changed.Wait(mu);
    return durable;
  }

  Mutex mu;
  CondVar changed;
  int count ABSL_GUARDED_BY(mu) = 0;
  uint64_t durable ABSL_GUARDED_BY(mu) = 0;
  bool failed ABSL_GUARDED_BY(mu) = false;
};

class EventLogModelTest : public ::testing::Test {
 protected:
  // One life of the gateway: the log in `dir_`, with answers of its own.
  struct Life {
    Adopter adopter;
    Answers answers;
    std::unique_ptr<Store> store;
    std::unique_ptr<SqliteEventLog> log;
    int submitted = 0;

    ~Life() {
      answers.Await(submitted);  // Works use the log.
      log.reset();
      store.reset();
    }
  };

  EventLogModelTest() : seed_(Seed()), random_(seed_) {
    RecordProperty("seed", std::to_string(seed_));
    std::cout << "CHATGATE_TEST_SEED=" << seed_ << std::endl;
  }

  unsigned Random(unsigned below) { return random_() % below; }

  void Start() {
    StoreOptions options;
    options.path = dir_->File("log.db");
    options.vfs = disk_->vfs();
    options.checkpoint_pages = 1 + Random(60);
    options.group_max = 1 + Random(20);
    life_ = std::make_unique<Life>();
    ASSERT_OK_AND_ASSIGN(
        life_->store,
        Store::Open(options,
                    {EventLogSchema(),
                     {"adopter", {"CREATE TABLE adopted (seq INTEGER)"}}}));
    ASSERT_OK_AND_ASSIGN(
        life_->log, SqliteEventLog::Open(*life_->store, clock_,
                                         {.ring_bytes = Random(2) * 20'000}));
    life_->log->AddParticipant(life_->adopter);
  }

  void Submit(NewEvent event, uint64_t wanted_seq, bool duplicate) {
    ++life_->submitted;
    life_->log->Append(std::move(event),
                       [life = life_.get(), wanted_seq,
                        duplicate](const absl::StatusOr<Appended>& appended) {
                         life->answers.Add(appended, wanted_seq, duplicate);
                       });
  }

  void SubmitOne() {
    const std::string body =
        absl::StrCat(++bodies_, std::string(Random(2000), 'x'));
    switch (Random(6)) {
      case 0:
        return Submit(MakeEvent(absl::StrCat("bad", body)), 0, false);
      case 1: {  // A key, new or not.
        const uint64_t key = Random(200);
        const auto known = model_.seq_of_key.find(key);
        if (known != model_.seq_of_key.end()) {
          return Submit(MakeKeyed(body, key), known->second, true);
        }
        const uint64_t seq = model_.Add(body);
        model_.seq_of_key[key] = seq;
        return Submit(MakeKeyed(body, key), seq, false);
      }
      case 2: {  // A content that may have been there.
        NewEvent event = MakeEvent(body);
        event.content_fingerprint = Random(100);
        uint64_t& first = model_.seq_of_fingerprint[*event.content_fingerprint];
        const uint64_t seq = model_.Add(body, first);
        if (first == 0) first = seq;
        return Submit(std::move(event), seq, false);
      }
      case 3:
        return SubmitWork(body);
      default:
        return Submit(MakeEvent(body), model_.Add(body), false);
    }
  }

  // A work of another room that appends twice, and fails at times.
  void SubmitWork(const std::string& body) {
    ++life_->submitted;
    const bool fails = Random(2) == 0;
    uint64_t seq = 0;
    if (!fails) {
      model_.Add(body + "1");
      seq = model_.Add(body + "2");
    }
    Life* const life = life_.get();
    life->store->Submit(
        [=](Transaction& transaction) -> absl::Status {
          for (const char* part : {"1", "2"}) {
            RETURN_IF_ERROR(
                life->log
                    ->AppendInTransaction(transaction, MakeEvent(body + part))
                    .status());
          }
          return fails ? absl::AbortedError("work") : absl::OkStatus();
        },
        [=](absl::Status status) {
          if (status.ok()) {
            life->answers.Add(Appended{.seq = seq}, seq, false);
          } else {
            life->answers.Add(std::move(status), seq, false);
          }
        });
  }

  // Holds the log against the model: it may have lost the end, but nothing up
  // to `durable`, and it has no hole.
  void Check(uint64_t durable) {
    const uint64_t head = life_->log->Head();
    ASSERT_GE(head, durable) << "acknowledged, and lost";
    ASSERT_LE(head, model_.bodies.size());
    uint64_t position = 0;
    while (position < head) {
      ASSERT_OK_AND_ASSIGN(const EventBatch batch,
                           life_->log->ReadAfter(position, 50, 1 << 20));
      ASSERT_FALSE(batch.lost.has_value());
      for (const auto& record : batch.events) {
        const v1::Event event = Parse(*record);
        ASSERT_EQ(event.seq(), ++position);
        ASSERT_EQ(event.dashly_conversation().conversation().body(),
                  model_.bodies[position - 1]);
        const uint64_t first = model_.duplicate_of[position - 1];
        ASSERT_EQ(event.possible_duplicate_of(),
                  first == 0 ? "" : EncodeEventId(life_->log->CursorAt(first)));
      }
    }
    CheckAdopted(head);
    model_.Cut(head);
  }

  // What participants wrote stands or falls with the event.
  void CheckAdopted(uint64_t head) {
    EXPECT_THAT(life_->store->Read([&](Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(
          Statement select,
          connection.Prepare("SELECT seq FROM adopted ORDER BY rowid"));
      for (uint64_t seq = 1; seq <= head; ++seq) {
        ASSIGN_OR_RETURN(const bool row, select.Step());
        EXPECT_TRUE(row && static_cast<uint64_t>(select.Int(0)) == seq) << seq;
      }
      EXPECT_THAT(select.Step(), IsOkAndHolds(false));
      return absl::OkStatus();
    }),
                IsOk());
  }

  // The power goes at this moment, whatever is under way.
  void CutPower() {
    auto after = std::make_unique<TempDir>();
    disk_->CutPower(random_, after->path());
    life_.reset();
    dir_ = std::move(after);
    disk_ = std::make_unique<SimulatedDisk>();
  }

  // The process ends and begins again; the machine stays up.
  void Restart() {
    life_.reset();
    disk_->Heal();
  }

  // A new log, so that it stays short enough to be read whole after every life.
  void BeginAnew() {
    life_.reset();
    model_ = Model();
    dir_ = std::make_unique<TempDir>();
    disk_ = std::make_unique<SimulatedDisk>();
    ASSERT_NO_FATAL_FAILURE(Start());
  }

  const unsigned seed_;
  std::minstd_rand random_;
  Model model_;
  int bodies_ = 0;
  FakeClock clock_;
  std::unique_ptr<TempDir> dir_ = std::make_unique<TempDir>();
  std::unique_ptr<SimulatedDisk> disk_ = std::make_unique<SimulatedDisk>();
  std::unique_ptr<Life> life_;
};

TEST_F(EventLogModelTest, LogAgreesWithTheModelThroughCrashes) {
  constexpr int kLives = 160;
  int cuts = 0;
  for (int i = 0; i < kLives && !HasFailure(); ++i) {
    SCOPED_TRACE(absl::StrCat("life ", i, " of seed ", seed_));
    if (i % 16 == 0) {
      ASSERT_NO_FATAL_FAILURE(BeginAnew());
    }
    if (Random(2) == 0) {
      disk_->FailFrom(Random(2) == 0 ? Call::kSync : Call::kWrite,
                      1 + static_cast<int>(Random(Random(2) == 0 ? 14 : 60)),
                      Random(2) == 0 ? SQLITE_IOERR_FSYNC : SQLITE_FULL);
    }
    const int appends = 1 + static_cast<int>(Random(60));
    for (int n = 0; n < appends; ++n) SubmitOne();
    // A moment between two answers, after the last, or before the first.
    const unsigned answers = Random(3) == 0 ? 0 : Random(appends + 1);
    const uint64_t durable = life_->answers.Await(static_cast<int>(answers));
    if (Random(3) != 0) {
      CutPower();
      ++cuts;
    } else {
      Restart();
    }
    ASSERT_NO_FATAL_FAILURE(Start());
    ASSERT_NO_FATAL_FAILURE(Check(durable));
  }
  std::cout << cuts << " power cuts" << std::endl;
  EXPECT_GE(cuts, 60);
}

// No crash: every answer is as the model says, and nothing is missing.
TEST_F(EventLogModelTest, EveryAnswerIsThatOfTheModel) {
  ASSERT_NO_FATAL_FAILURE(Start());
  for (int i = 0; i < 1000; ++i) SubmitOne();
  life_->answers.Await(life_->submitted);
  const uint64_t all = model_.bodies.size();
  EXPECT_EQ(life_->log->Head(), all);
  ASSERT_NO_FATAL_FAILURE(Check(all));
  Restart();
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(Check(all));
}

}  // namespace
}  // namespace chatgate
