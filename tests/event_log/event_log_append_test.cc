#include <string>
#include <thread>
#include <vector>

#include "server/base/status_macros.h"
#include "tests/event_log/event_log_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EventLogAppendTest : public EventLogFixture {};

TEST_F(EventLogAppendTest, SeqsStartAtOneAndGrowByOne) {
  ASSERT_OK_AND_ASSIGN(const Appended first, Append("a"));
  ASSERT_OK_AND_ASSIGN(const Appended second, Append("b"));
  EXPECT_EQ(first.seq, 1u);
  EXPECT_EQ(second.seq, 2u);
  EXPECT_EQ(log_->Head(), 2u);
  EXPECT_EQ(log_->Tail(), 1u);
}

TEST_F(EventLogAppendTest, EventGetsItsPlace) {
  EXPECT_THAT(Append("a"), IsOk());
  const v1::Event event = ReadAll().at(0);
  EXPECT_EQ(event.seq(), 1u);
  EXPECT_EQ(event.cursor(), EncodeCursor(log_->CursorAt(1)));
  EXPECT_EQ(event.id(), EncodeEventId(log_->CursorAt(1)));
  EXPECT_EQ(event.received_time().seconds(), 1'700'000'000);
  EXPECT_EQ(event.app_id(), 777u);
  EXPECT_EQ(event.dashly_conversation().conversation().body(), "a");
}

// What a caller puts into the fields of the log must not reach a reader.
TEST_F(EventLogAppendTest, PlaceGivenByTheCallerIsIgnored) {
  NewEvent event = MakeEvent("a");
  event.event.set_seq(99);
  event.event.set_id("mine");
  event.event.set_possible_duplicate_of("other");
  event.event.set_raw("raw");
  EXPECT_THAT(Append(event), IsOk());
  const v1::Event read = ReadAll().at(0);
  EXPECT_EQ(read.seq(), 1u);
  EXPECT_NE(read.id(), "mine");
  EXPECT_EQ(read.possible_duplicate_of(), "");
  EXPECT_EQ(read.raw(), "");
}

TEST_F(EventLogAppendTest, EqualKeysAreOneEvent) {
  EXPECT_THAT(Append(MakeKeyed("first", 5)), IsOk());
  EXPECT_THAT(Append(MakeKeyed("other", 6)), IsOk());
  ASSERT_OK_AND_ASSIGN(const Appended again, Append(MakeKeyed("again", 5)));
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.seq, 1u);
  EXPECT_THAT(Bodies(), ElementsAre("first", "other"));
}

TEST_F(EventLogAppendTest, KeysAreRememberedAcrossReopening) {
  EXPECT_THAT(Append(MakeKeyed("first", 5)), IsOk());
  Reopen();
  ASSERT_OK_AND_ASSIGN(const Appended again, Append(MakeKeyed("again", 5)));
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.seq, 1u);
}

TEST_F(EventLogAppendTest, KeysThatDifferInOnePartAreTwoEvents) {
  const DedupeKey key = *MakeKeyed("", 5).key;
  std::vector<DedupeKey> keys(6, key);
  keys[1].app_id = 778;
  keys[2].source = v1::EVENT_SOURCE_EMBEDDED;
  keys[3].kind = v1::EVENT_KIND_DASHLY_EVENT;
  keys[4].id = 18446744073709551615u;
  keys[5].revision = 18446744073709551615u;
  for (const DedupeKey& other : keys) {
    NewEvent event = MakeEvent("a");
    event.key = other;
    ASSERT_OK_AND_ASSIGN(const Appended appended, Append(event));
    EXPECT_FALSE(appended.duplicate);
  }
  EXPECT_EQ(log_->Head(), 6u);
}

TEST_F(EventLogAppendTest, EqualContentWithoutKeyNamesTheFirst) {
  NewEvent event = MakeEvent("a");
  event.content_fingerprint = 18446744073709551615u;
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK_AND_ASSIGN(const Appended appended, Append(event));
    EXPECT_FALSE(appended.duplicate);
  }
  const std::vector<v1::Event> events = ReadAll();
  ASSERT_THAT(events, SizeIs(3));
  EXPECT_EQ(events[0].possible_duplicate_of(), "");
  EXPECT_EQ(events[1].possible_duplicate_of(), events[0].id());
  EXPECT_EQ(events[2].possible_duplicate_of(), events[0].id());
}

TEST_F(EventLogAppendTest, EqualContentOfAnotherAppIsNoDuplicate) {
  NewEvent event = MakeEvent("a");
  event.content_fingerprint = 7;
  EXPECT_THAT(Append(event), IsOk());
  event.event.set_app_id(778);
  EXPECT_THAT(Append(event), IsOk());
  EXPECT_EQ(ReadAll().at(1).possible_duplicate_of(), "");
}

TEST_F(EventLogAppendTest, ReceivedTimeNeverDecreases) {
  EXPECT_THAT(Append("a"), IsOk());
  clock_.AdvanceTime(absl::Seconds(-100));
  EXPECT_THAT(Append("b"), IsOk());
  Reopen();
  EXPECT_THAT(Append("c"), IsOk());
  for (const v1::Event& event : ReadAll()) {
    EXPECT_EQ(event.received_time().seconds(), 1'700'000'000);
  }
}

TEST_F(EventLogAppendTest, EventOverTheLimitIsInvalid) {
  NewEvent event = MakeEvent(std::string(2 << 20, 'a'));
  event.raw = std::string(3 << 19, 'b');
  EXPECT_THAT(Append(event), StatusIs(absl::StatusCode::kInvalidArgument));
  event.raw.resize((3 << 19) - 1000);
  EXPECT_THAT(Append(event), IsOk());
  EXPECT_EQ(log_->Head(), 1u);
}

TEST_F(EventLogAppendTest, MoreBytesThanMayWaitAreRefused) {
  log_options_.waiting_bytes_max = 1000;
  Reopen();
  EXPECT_THAT(Append(std::string(2000, 'a')),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(Append("small"), IsOk());
}

TEST_F(EventLogAppendTest, LargestEventFitsIntoFourMebibytes) {
  NewEvent event = MakeEvent(std::string(kEventBytesMax - 300, 'a'));
  event.content_fingerprint = 1;
  EXPECT_THAT(Append(event), IsOk());
  EXPECT_THAT(Append(event), IsOk());
  ASSERT_OK_AND_ASSIGN(const EventBatch batch, log_->ReadAfter(1, 1, 1));
  EXPECT_LE(batch.events.at(0)->slice.size(), kEventBytesMax + 8);
}

class Recorder final : public AppendParticipant {
 public:
  absl::Status OnAppend(Transaction& transaction,
                        const v1::Event& event) override {
    const std::string body = event.dashly_conversation().conversation().body();
    seen.push_back(absl::StrCat(event.seq(), ":", body, event.raw()));
    RETURN_IF_ERROR(transaction.connection().Execute(
        "CREATE TABLE IF NOT EXISTS adopted (seq);"
        "INSERT INTO adopted VALUES (1)"));
    return body == "bad" ? absl::AbortedError("no") : absl::OkStatus();
  }
  std::vector<std::string> seen;
};

TEST_F(EventLogAppendTest, ParticipantSeesEveryNewEventAtItsPlace) {
  Recorder recorder;
  log_->AddParticipant(recorder);
  EXPECT_THAT(Append(MakeKeyed("a", 1)), IsOk());
  EXPECT_THAT(Append(MakeKeyed("again", 1)), IsOk());
  EXPECT_THAT(Append(MakeKeyed("b", 2)), IsOk());
  EXPECT_THAT(recorder.seen, ElementsAre("1:a", "2:b"));
}

TEST_F(EventLogAppendTest, FailingParticipantFailsThatAppendAlone) {
  Recorder recorder;
  log_->AddParticipant(recorder);
  EXPECT_THAT(Append("a"), IsOk());
  EXPECT_THAT(Append(MakeKeyed("bad", 1)),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Append(MakeKeyed("b", 1)), IsOk());
  EXPECT_THAT(Bodies(), ElementsAre("a", "b"));
  EXPECT_EQ(log_->Head(), 2u);
}

TEST_F(EventLogAppendTest, AppendInTransactionStandsWithItsWork) {
  uint64_t seq = 0;
  EXPECT_THAT(store_->Write([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(seq,
                     log_->AppendInTransaction(transaction, MakeEvent("mine")));
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_EQ(seq, 1u);
  EXPECT_EQ(log_->Head(), 1u);
  EXPECT_THAT(Bodies(), ElementsAre("mine"));
}

TEST_F(EventLogAppendTest, AppendInTransactionFallsWithItsWork) {
  EXPECT_FALSE(store_
                   ->Write([&](Transaction& transaction) -> absl::Status {
                     for (const char* body : {"x", "y"}) {
                       RETURN_IF_ERROR(log_->AppendInTransaction(
                                               transaction, MakeEvent(body))
                                           .status());
                     }
                     return absl::AbortedError("no");
                   })
                   .ok());
  EXPECT_EQ(log_->Head(), 0u);
  ASSERT_OK_AND_ASSIGN(const Appended next, Append("next"));
  EXPECT_EQ(next.seq, 1u);
  EXPECT_THAT(Bodies(), ElementsAre("next"));
}

// The platform's own changes are events that others take part in, too.
TEST_F(EventLogAppendTest, ParticipantSeesWhatOtherWorkAppends) {
  Recorder recorder;
  log_->AddParticipant(recorder);
  EXPECT_THAT(store_->Write([&](Transaction& transaction) {
    return log_->AppendInTransaction(transaction, MakeEvent("mine")).status();
  }),
              IsOk());
  EXPECT_THAT(recorder.seen, ElementsAre("1:mine"));
}

// A participant may add events of its own: they follow the one it was told of.
TEST_F(EventLogAppendTest, ParticipantMayAppend) {
  class Echo final : public AppendParticipant {
   public:
    explicit Echo(EventLog& log) : log_(log) {}
    absl::Status OnAppend(Transaction& transaction,
                          const v1::Event& event) override {
      if (event.dashly_conversation().conversation().body() == "echo") {
        return absl::OkStatus();
      }
      return log_.AppendInTransaction(transaction, MakeEvent("echo")).status();
    }

   private:
    EventLog& log_;
  };
  Echo echo(*log_);
  log_->AddParticipant(echo);
  ASSERT_OK_AND_ASSIGN(const Appended appended, Append("call"));
  EXPECT_EQ(appended.seq, 1u);
  EXPECT_THAT(Bodies(), ElementsAre("call", "echo"));
}

TEST_F(EventLogAppendTest, ManyThreadsGetEverySeqOnce) {
  constexpr int kThreads = 6;
  constexpr int kEach = 100;
  std::vector<std::vector<uint64_t>> seqs(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const absl::StatusOr<Appended> appended = Append(absl::StrCat(t));
        ASSERT_THAT(appended, IsOk());
        EXPECT_LE(appended->seq, log_->Head());
        seqs[t].push_back(appended->seq);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<uint64_t> all;
  for (const auto& some : seqs) all.insert(all.end(), some.begin(), some.end());
  std::sort(all.begin(), all.end());
  for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], i + 1);
  EXPECT_THAT(ReadAll(), SizeIs(kThreads * kEach));
}

}  // namespace
}  // namespace chatgate
