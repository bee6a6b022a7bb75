#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/event_log/cursor.h"
#include "tests/service/service_fixture.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Snapshots of one app, 777, with as many conversations as told.
class FakeSnapshots final : public SnapshotSource {
 public:
  bool HasSnapshot(const std::set<uint64_t>& app_ids) const override {
    return app_ids.empty() || app_ids.contains(777);
  }
  absl::StatusOr<std::unique_ptr<SnapshotFile>> TakeSnapshot(
      const SnapshotRequest& request) override {
    if (lasts_until_given_up) {
      ++begun;
      while (!request.given_up()) std::this_thread::yield();
      lasts_until_given_up = false;
      return absl::CancelledError("given up");
    }
    while (held) std::this_thread::yield();
    auto file =
        SnapshotFile::Create(dir_.path(), seq, {.bytes_max = bytes_max});
    for (uint64_t id = 1; id <= conversations; ++id) {
      if (!request.wanted(absl::StrCat("dashly:", id), "9")) continue;
      v1::Conversation conversation;
      conversation.set_id(id);
      conversation.set_type(std::string(bytes, 'x'));
      RETURN_IF_ERROR((*file)->Add(conversation));
    }
    EXPECT_THAT((*file)->EndFilling(), IsOk());
    return file;
  }

  std::atomic<uint64_t> seq = 0;
  std::atomic<uint64_t> conversations = 3;
  std::atomic<size_t> bytes = 0;  // Of each.
  std::atomic<bool> lasts_until_given_up = false;
  std::atomic<int> begun = 0;      // Of those.
  std::atomic<bool> held = false;  // Takes none meanwhile.
  std::atomic<uint64_t> bytes_max = uint64_t{1} << 30;

 private:
  TempDir dir_;
};

class SnapshotTest : public ::testing::Test {
 protected:
  class Fixture : public ServiceFixture {
   public:
    explicit Fixture(const ChatServiceOptions& options)
        : ServiceFixture(options) {}
    void TestBody() override {}
    using ServiceFixture::AddPart;
    using ServiceFixture::service_;
    using ServiceFixture::Subscribe;
    using ServiceFixture::SubscribeError;
  };

  static v1::SubscribeRequest Wanted() {
    v1::SubscribeRequest request;
    request.set_snapshot(true);
    return request;
  }
  static std::vector<uint64_t> IdsOf(const v1::SubscribeResponse& response) {
    std::vector<uint64_t> ids;
    for (const auto& each : response.snapshot().conversations()) {
      ids.push_back(each.id());
    }
    return ids;
  }

  FakeSnapshots snapshots_;
  Fixture service_{{.snapshots = &snapshots_, .snapshots_max = 2}};
};

TEST_F(SnapshotTest, ConversationsComeFirstThenWhatHappenedSince) {
  for (int i = 0; i < 4; ++i) service_.AddPart("x");
  snapshots_.seq = 2;
  const auto stream = service_.Subscribe(Wanted());
  const v1::SubscribeResponse first = stream->Next();
  EXPECT_TRUE(first.has_heartbeat());
  EXPECT_EQ(first.cursor(), "");
  const v1::SubscribeResponse snapshot = stream->Next();
  EXPECT_THAT(IdsOf(snapshot), ElementsAre(1, 2, 3));
  EXPECT_EQ(snapshot.snapshot().total(), 3);
  EXPECT_TRUE(snapshot.snapshot().done());
  EXPECT_EQ(snapshot.cursor(), EncodeCursor({FakeEventLog::kEpoch, 2}));
  EXPECT_THAT(stream->NextSeqs(2), ElementsAre(3, 4));
}

TEST_F(SnapshotTest, ALargeOneComesInPieces) {
  snapshots_.conversations = 10;
  snapshots_.bytes = 300'000;
  const auto stream = service_.Subscribe(Wanted());
  stream->Next();
  uint64_t next_id = 1;
  v1::SubscribeResponse response;
  do {
    response = stream->Next();
    ASSERT_TRUE(response.has_snapshot());
    EXPECT_LE(response.ByteSizeLong(), (size_t{1} << 20) + 200);
    EXPECT_EQ(response.snapshot().total(), 10);
    for (const uint64_t id : IdsOf(response)) EXPECT_EQ(id, next_id++);
  } while (!response.snapshot().done());
  EXPECT_EQ(next_id, 11u);
}

TEST_F(SnapshotTest, AnEmptyOneIsTold) {
  snapshots_.conversations = 0;
  const auto stream = service_.Subscribe(Wanted());
  stream->Next();
  const v1::SubscribeResponse snapshot = stream->Next();
  EXPECT_THAT(IdsOf(snapshot), IsEmpty());
  EXPECT_TRUE(snapshot.snapshot().done());
}

// Otherwise who has left would hold up all that come after.
TEST_F(SnapshotTest, OneWhoseReaderHasLeftIsGivenUp) {
  snapshots_.lasts_until_given_up = true;
  const auto gone = service_.Subscribe(Wanted());
  gone->Next();
  while (snapshots_.begun == 0) std::this_thread::yield();
  gone->Cancel();
  EXPECT_THAT(ToAbsl(gone->Finish()), StatusIs(absl::StatusCode::kCancelled));
  const auto stream = service_.Subscribe(Wanted());
  stream->Next();
  EXPECT_THAT(IdsOf(stream->Next()), ElementsAre(1, 2, 3));
}

// A large one takes long, and so do those before it.
TEST_F(SnapshotTest, HeartbeatsComeWhileItIsTaken) {
  Fixture service(
      {.heartbeat_interval = absl::Milliseconds(1), .snapshots = &snapshots_});
  service.AddPart("x");
  snapshots_.seq = 1;
  snapshots_.held = true;
  const auto stream = service.Subscribe(Wanted());
  for (int i = 0; i < 20; ++i) {
    const v1::SubscribeResponse response = stream->Next();
    ASSERT_TRUE(response.has_heartbeat());
    EXPECT_EQ(response.cursor(), "");
  }
  snapshots_.held = false;
  v1::SubscribeResponse response;
  do {
    response = stream->Next();
  } while (response.has_heartbeat());
  EXPECT_THAT(IdsOf(response), ElementsAre(1, 2, 3));
  service.AddPart("y");
  EXPECT_THAT(stream->NextSeqs(1), ElementsAre(2));
}

TEST_F(SnapshotTest, AStopDoesNotWaitForOneThatIsTaken) {
  snapshots_.lasts_until_given_up = true;
  const auto stream = service_.Subscribe(Wanted());
  stream->Next();
  while (snapshots_.begun == 0) std::this_thread::yield();
  bool all_ended = false;
  std::thread stop(
      [&] { all_ended = service_.service_->Stop(absl::Seconds(60)); });
  const v1::SubscribeResponse last = stream->Next();
  EXPECT_TRUE(last.has_reconnect());
  EXPECT_EQ(last.cursor(), "");
  EXPECT_THAT(ToAbsl(stream->Finish()), IsOk());
  stop.join();
  EXPECT_TRUE(all_ended);
}

// Streams end for several reasons while their snapshots are taken.
TEST_F(SnapshotTest, ManyMayEndWhileTheyAreTaken) {
  Fixture service({.heartbeat_interval = absl::Microseconds(50),
                   .snapshots = &snapshots_,
                   .snapshots_max = 16,
                   .snapshots_of_caller_max = 16,
                   .snapshot_stall_max = absl::Milliseconds(1)});
  for (int round = 0; round < 50; ++round) {
    snapshots_.held = true;
    std::vector<std::unique_ptr<TestStream>> streams;
    for (int i = 0; i < 8; ++i) streams.push_back(service.Subscribe(Wanted()));
    for (int i = 0; i < 8; i += 2) streams[i]->Next();
    for (int i = 0; i < 8; i += 3) streams[i]->Cancel();
    snapshots_.held = false;
    for (int i = 0; i < 8; i += 4) streams[i]->Cancel();
    for (const auto& stream : streams) {
      // Refused for its place, or too slow, or whole.
      v1::SubscribeResponse response;
      do {
        response = stream->Next();
      } while (response.has_heartbeat());
      if (response.has_snapshot()) {
        EXPECT_THAT(IdsOf(response), ElementsAre(1, 2, 3));
        stream->Cancel();
      }
      EXPECT_THAT(ToAbsl(stream->Finish()),
                  AnyOf(StatusIs(absl::StatusCode::kResourceExhausted),
                        StatusIs(absl::StatusCode::kCancelled)));
    }
  }
}

TEST_F(SnapshotTest, AFilterChoosesConversationsToo) {
  v1::SubscribeRequest request = Wanted();
  request.mutable_filter()->add_conversations("dashly:2");
  const auto stream = service_.Subscribe(request);
  stream->Next();
  EXPECT_THAT(IdsOf(stream->Next()), ElementsAre(2));
}

TEST_F(SnapshotTest, ItBeginsNowhereElse) {
  v1::SubscribeRequest request = Wanted();
  request.set_start(v1::START_EARLIEST);
  const grpc::Status status = service_.SubscribeError(request);
  EXPECT_THAT(ToAbsl(status), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(FieldOf(status), "snapshot");
}

TEST_F(SnapshotTest, AppsOfOtherPlatformsHaveNone) {
  v1::SubscribeRequest request = Wanted();
  request.mutable_filter()->add_app_ids(888);
  const grpc::Status status = service_.SubscribeError(request);
  EXPECT_THAT(ToAbsl(status), StatusIs(absl::StatusCode::kUnimplemented));
  EXPECT_EQ(ReasonOf(status), "METHOD_NOT_SERVED");
}

// A client must not ask for it again and again.
TEST_F(SnapshotTest, OneThatIsTooLargeIsRefusedForGood) {
  snapshots_.bytes = 1'000;
  snapshots_.bytes_max = 2'500;
  const auto stream = service_.Subscribe(Wanted());
  stream->Next();
  EXPECT_FALSE(stream->Next().has_snapshot());
  const grpc::Status status = stream->Finish();
  EXPECT_THAT(ToAbsl(status), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReasonOf(status), "FAILED_PRECONDITION");
}

// Who does not read keeps its place, whose number is bounded; who has read, or
// is gone, gives it back.
TEST_F(SnapshotTest, OnlyAFewAreReadAtATime) {
  snapshots_.conversations = 10;
  snapshots_.bytes = 300'000;
  auto first = service_.Subscribe(Wanted());
  auto second = service_.Subscribe(Wanted());
  first->Next();
  second->Next();
  const grpc::Status status = service_.SubscribeError(Wanted());
  EXPECT_THAT(ToAbsl(status), StatusIs(absl::StatusCode::kResourceExhausted));
  while (!first->Next().snapshot().done()) {
  }
  snapshots_.conversations = 1;
  const auto third = service_.Subscribe(Wanted());
  third->Next();
  EXPECT_TRUE(third->Next().snapshot().done());
}

TEST_F(SnapshotTest, ACallerReadsOnlyItsShare) {
  Fixture service({.snapshots = &snapshots_,
                   .snapshots_max = 2,
                   .snapshots_of_caller_max = 1});
  snapshots_.conversations = 10;
  snapshots_.bytes = 300'000;
  const auto first = service.Subscribe(Wanted(), kReader);
  first->Next();
  EXPECT_THAT(ToAbsl(service.SubscribeError(Wanted(), kReader)),
              StatusIs(absl::StatusCode::kResourceExhausted));
  const auto other = service.Subscribe(Wanted(), kWriter);
  EXPECT_TRUE(other->Next().has_heartbeat());
}

TEST_F(SnapshotTest, AReaderThatTakesNothingLosesItsPlaceAndIsTold) {
  Fixture service({.snapshots = &snapshots_,
                   .snapshots_max = 1,
                   .snapshot_stall_max = absl::Milliseconds(1)});
  snapshots_.conversations = 10;
  snapshots_.bytes = 300'000;
  const auto stalled = service.Subscribe(Wanted());
  stalled->Next();
  // Its first piece waits to be taken only a moment later.
  std::unique_ptr<TestStream> next;
  do {
    next = service.Subscribe(Wanted());
  } while (!next->Next().has_heartbeat());
  while (stalled->Next().has_snapshot()) {
  }
  const grpc::Status status = stalled->Finish();
  EXPECT_THAT(ToAbsl(status), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(ReasonOf(status), "OVERLOADED");
}

}  // namespace
}  // namespace chatgate
