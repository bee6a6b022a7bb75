#include "server/backend/error_table.h"
#include "server/store/store.h"
#include "tests/call_sharing/call_sharing_fixture.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::Not;

constexpr absl::Duration kFive = absl::Seconds(5);

class SharedReadsTest : public CallSharingTest {};

v1::ReplyToConversationRequest ReplyTo(uint64_t id) {
  v1::ReplyToConversationRequest request;
  request.set_conversation_id(id);
  request.set_body("hi");
  return request;
}

TEST_F(SharedReadsTest, EqualReadsUnderWayAreOneCall) {
  const Read first = BeginRead(5, absl::ZeroDuration(), "a");
  const Read second = BeginRead(5, absl::ZeroDuration(), "b");
  EXPECT_EQ(backend_.calls, 1);
  backend_.Answer(absl::OkStatus(), 3);
  EXPECT_EQ(first->response.conversation().parts_count(), 3);
  EXPECT_EQ(second->response.conversation().parts_count(), 3);
  EXPECT_EQ(first->report.served_from, "upstream");
  EXPECT_EQ(first->report.cost, 1);
  EXPECT_EQ(second->report.served_from, "coalesced");
  EXPECT_EQ(second->report.cost, 0);
  EXPECT_THAT(saved_, ElementsAre("b GetConversation"));
}

TEST_F(SharedReadsTest, ReadsThatDifferAreTwo) {
  const Read first = BeginRead(5);
  const Read second = BeginRead(6);
  EXPECT_EQ(backend_.calls, 2);
  backend_.Answer();
  backend_.Answer();
}

TEST_F(SharedReadsTest, TheNextReadIsAskedAnew) {
  KnowConversation(5, 1);
  const Read read = BeginRead(5);
  EXPECT_EQ(backend_.calls, 2);
  backend_.Answer();
}

TEST_F(SharedReadsTest, AnErrorIsEverybodys) {
  const Read first = BeginRead(5);
  const Read second = BeginRead(5);
  backend_.Answer(MakeError("LookupError", "no such conversation"));
  EXPECT_THAT(*first->status, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(*second->status, StatusIs(absl::StatusCode::kNotFound));
}

// Who began it had less patience than who joined.
TEST_F(SharedReadsTest, TheFirstCallersDeadlineFailsNobodyElse) {
  const Read first = BeginRead(5, absl::ZeroDuration(), "a", absl::Seconds(1));
  const Read second =
      BeginRead(5, absl::ZeroDuration(), "b", absl::Seconds(30));
  backend_.Answer(MakeError("TooManyRequests", "beyond the deadline"));
  EXPECT_THAT(*first->status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_FALSE(second->status.has_value());
  ASSERT_EQ(backend_.calls, 2);
  EXPECT_EQ(backend_.held[0].context.deadline,
            clock_.Now() + absl::Seconds(30));
  EXPECT_EQ(backend_.held[0].context.caller, "b");
  backend_.Answer(absl::OkStatus(), 4);
  EXPECT_EQ(second->response.conversation().parts_count(), 4);
  EXPECT_EQ(second->report.served_from, "upstream");
}

TEST_F(SharedReadsTest, WhoHasNoLongerPatienceFailsTogether) {
  const Read first = BeginRead(5);
  const Read second = BeginRead(5);
  backend_.Answer(MakeError("TooManyRequests", "beyond the deadline"));
  EXPECT_TRUE(first->status.has_value());
  EXPECT_TRUE(second->status.has_value());
  EXPECT_EQ(backend_.calls, 1);
}

// It was the share of one caller that was used up.
TEST_F(SharedReadsTest, ARefusalOfOneCallerIsNobodyElses) {
  const Read first = BeginRead(5, absl::ZeroDuration(), "a");
  const Read same = BeginRead(5, absl::ZeroDuration(), "a");
  const Read second = BeginRead(5, absl::ZeroDuration(), "b");
  const Read third = BeginRead(5, absl::ZeroDuration(), "c");
  backend_.Answer(MakeError("TooManyRequests", "too many wait"));
  EXPECT_TRUE(first->status.has_value());
  EXPECT_TRUE(same->status.has_value());
  ASSERT_EQ(backend_.calls, 2);
  EXPECT_EQ(backend_.held[0].context.caller, "b");
  backend_.Answer(absl::OkStatus(), 4);
  EXPECT_THAT(*second->status, IsOk());
  EXPECT_EQ(third->response.conversation().parts_count(), 4);
}

TEST_F(SharedReadsTest, EachOtherCallerIsRefusedOnce) {
  const Read first = BeginRead(5, absl::ZeroDuration(), "a");
  const Read second = BeginRead(5, absl::ZeroDuration(), "b");
  const Read third = BeginRead(5, absl::ZeroDuration(), "c");
  for (int i = 0; i < 3; ++i) {
    backend_.Answer(MakeError("TooManyRequests", "too many wait"));
  }
  EXPECT_TRUE(second->status.has_value());
  EXPECT_TRUE(third->status.has_value());
  EXPECT_EQ(backend_.calls, 3);
}

TEST_F(SharedReadsTest, AnErrorOfTheReadIsSharedByOtherCallers) {
  const Read first = BeginRead(5, absl::ZeroDuration(), "a");
  const Read second = BeginRead(5, absl::ZeroDuration(), "b");
  backend_.Answer(MakeError("LookupError", "no such conversation"));
  EXPECT_TRUE(second->status.has_value());
  EXPECT_EQ(backend_.calls, 1);
}

TEST_F(SharedReadsTest, AReadThatIsMadeAgainBesideANewerOneIsNotKept) {
  const Read first = BeginRead(5, absl::ZeroDuration(), "a", absl::Seconds(1));
  const Read second = BeginRead(5);
  const auto change = Begin<v1::ReplyToConversationResponse>(ReplyTo(5));
  const HeldBackend::Held old = backend_.held[0];
  backend_.held.erase(backend_.held.begin());
  backend_.Answer();  // The change.
  const Read newer = BeginRead(5);
  old.done(MakeError("DEADLINE_EXCEEDED", "too slow"));
  ASSERT_EQ(backend_.held.size(), 2u);  // The newer read, and the one again.
  const auto next_change = Begin<v1::ReplyToConversationResponse>(ReplyTo(5));
  const HeldBackend::Held changed = backend_.held[2];
  backend_.held.pop_back();
  changed.done(absl::OkStatus());
  backend_.Answer();
  backend_.Answer();
  EXPECT_THAT(*second->status, IsOk());
  const Read read = BeginRead(5, kFive);
  EXPECT_FALSE(read->status.has_value());
  backend_.Answer();
}

TEST_F(SharedReadsTest, AReadThatMayBeStaleIsAnsweredFromWhatIsKnown) {
  const absl::Time asked = clock_.Now();
  KnowConversation(5, 3);
  AdvanceTime(kFive);
  const Read read = BeginRead(5, kFive, "b");
  EXPECT_EQ(backend_.calls, 1);
  ASSERT_THAT(*read->status, IsOk());
  EXPECT_EQ(read->response.conversation().parts_count(), 3);
  EXPECT_EQ(read->report.served_from, "cache");
  EXPECT_EQ(read->report.as_of, asked);
  EXPECT_EQ(read->report.cost, 0);
  EXPECT_THAT(saved_, ElementsAre("b GetConversation"));
}

TEST_F(SharedReadsTest, WhatIsTooOldIsAskedAnew) {
  KnowConversation(5, 3);
  AdvanceTime(kFive + absl::Seconds(1));
  const Read read = BeginRead(5, kFive);
  EXPECT_EQ(backend_.calls, 2);
  backend_.Answer();
}

// As old as the moment of asking, not of the answer.
TEST_F(SharedReadsTest, AnAnswerIsAsOldAsItsQuestion) {
  const Read slow = BeginRead(5);
  AdvanceTime(absl::Seconds(4));
  backend_.Answer();
  AdvanceTime(absl::Seconds(2));
  const Read read = BeginRead(5, kFive);
  EXPECT_EQ(backend_.calls, 2);
  backend_.Answer();
}

TEST_F(SharedReadsTest, AnErrorIsNotKept) {
  const Read failed = BeginRead(5);
  backend_.Answer(MakeError("LookupError", "no such conversation"));
  const Read read = BeginRead(5, kFive);
  EXPECT_EQ(backend_.calls, 2);
  backend_.Answer();
}

TEST_F(SharedReadsTest, AClockThatWasSetBackMakesNothingFresh) {
  KnowConversation(5, 3);
  AdvanceTime(kFive - absl::Seconds(1));
  clock_.SetTime(clock_.Now() - absl::Hours(1));
  const Read known = BeginRead(5, kFive);
  EXPECT_EQ(backend_.calls, 1);
  EXPECT_EQ(known->report.as_of, clock_.Now() - absl::Seconds(4));
  AdvanceTime(absl::Seconds(2));
  const Read old = BeginRead(5, kFive);
  EXPECT_EQ(backend_.calls, 2);
  backend_.Answer();
}

// The caller's own place is not for the call of many.
TEST_F(SharedReadsTest, BytesAreGivenOfWhatIsKnownOnly) {
  std::shared_ptr<const std::string> bytes;
  v1::GetConversationRequest request;
  request.set_conversation_id(5);
  request.mutable_max_staleness()->set_seconds(5);
  const auto read = [&] {
    auto call = std::make_unique<TestCall<v1::GetConversationResponse>>();
    CallContext context;
    context.app_id = 777;
    context.answer_bytes = &bytes;
    sharing_->Call(context, request, &call->response,
                   [call = call.get()](absl::Status status) {
                     call->status = std::move(status);
                   });
    return call;
  };
  const auto first = read();
  EXPECT_EQ(backend_.held.front().context.answer_bytes, nullptr);
  backend_.Answer(absl::OkStatus(), 3);
  EXPECT_EQ(first->response.conversation().parts_count(), 3);
  EXPECT_EQ(bytes, nullptr);
  const auto second = read();
  ASSERT_NE(bytes, nullptr);
  v1::GetConversationResponse response;
  ASSERT_TRUE(response.ParseFromString(*bytes));
  EXPECT_EQ(response.conversation().parts_count(), 3);
}

TEST_F(SharedReadsTest, AStalenessOutOfRangeIsRefused) {
  v1::GetConversationRequest request;
  request.mutable_max_staleness()->set_seconds(-1);
  const auto read = Begin<v1::GetConversationResponse>(request);
  EXPECT_THAT(*read->status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(backend_.calls, 0);
}

TEST_F(SharedReadsTest, AThousandReadsASecondCostOneCallAConversationInFive) {
  constexpr int kConversations = 10;
  constexpr int kSeconds = 60;
  for (int second = 0; second < kSeconds; ++second) {
    for (int i = 0; i < 1000; ++i) {
      const Read read = BeginRead(i % kConversations + 1, kFive);
      while (!backend_.held.empty()) backend_.Answer();
      ASSERT_THAT(*read->status, IsOk());
      AdvanceTime(absl::Milliseconds(1));
    }
  }
  EXPECT_LE(backend_.calls, kConversations * kSeconds / 5);
  EXPECT_GE(backend_.calls, kConversations * kSeconds / 6);
}

TEST_F(SharedReadsTest, AWriterReadsItsOwnWrite) {
  KnowConversation(5, 1);
  KnowConversation(6, 1);
  const auto reply = Begin<v1::ReplyToConversationResponse>(ReplyTo(5));
  backend_.Answer();
  EXPECT_THAT(*reply->status, IsOk());
  const Read own = BeginRead(5, kFive);
  EXPECT_FALSE(own->status.has_value());
  backend_.Answer(absl::OkStatus(), 2);
  EXPECT_EQ(own->response.conversation().parts_count(), 2);
  const Read other = BeginRead(6, kFive);
  EXPECT_EQ(other->report.served_from, "cache");
}

// Nobody knows what became of it.
TEST_F(SharedReadsTest, AWriteThatFailedCountsAsOne) {
  KnowConversation(5, 1);
  const auto reply = Begin<v1::ReplyToConversationResponse>(ReplyTo(5));
  backend_.Answer(MakeError("AMBIGUOUS", "the answer was lost"));
  const Read own = BeginRead(5, kFive);
  EXPECT_FALSE(own->status.has_value());
  backend_.Answer();
}

TEST_F(SharedReadsTest, AReadFromBeforeAWriteIsNeitherJoinedNorKept) {
  const Read before = BeginRead(5);
  const auto reply = Begin<v1::ReplyToConversationResponse>(ReplyTo(5));
  const HeldBackend::Held read = backend_.held[0];
  backend_.held.erase(backend_.held.begin());
  backend_.Answer();  // The reply.
  const Read after = BeginRead(5);
  EXPECT_EQ(backend_.calls, 3);
  read.done(absl::OkStatus());
  EXPECT_TRUE(before->status.has_value());
  EXPECT_FALSE(after->status.has_value());
  const Read stale = BeginRead(5, kFive);
  EXPECT_FALSE(stale->status.has_value());
  backend_.Answer();
  EXPECT_TRUE(after->status.has_value());
  EXPECT_TRUE(stale->status.has_value());
}

TEST_F(SharedReadsTest, AChangeOfALeadConcernsEverything) {
  KnowConversation(5, 1);
  v1::SetUserPropsRequest props;
  props.set_user_id("9");
  const auto set = Begin<v1::SetUserPropsResponse>(props);
  backend_.Answer();
  const Read read = BeginRead(5, kFive);
  EXPECT_FALSE(read->status.has_value());
  backend_.Answer();
}

TEST_F(SharedReadsTest, ValidateOnlyChangesNothing) {
  KnowConversation(5, 1);
  v1::ReplyToConversationRequest request = ReplyTo(5);
  request.set_validate_only(true);
  const auto checked = Begin<v1::ReplyToConversationResponse>(request);
  EXPECT_EQ(backend_.calls, 2);
  backend_.Answer();
  const Read read = BeginRead(5, kFive);
  EXPECT_EQ(read->report.served_from, "cache");
}

TEST_F(SharedReadsTest, AWebhookForgetsItsConversation) {
  const TempDir dir;
  StoreOptions options;
  options.path = dir.File("chatgate.db");
  const auto store = *Store::Open(options, {});
  KnowConversation(5, 1);
  KnowConversation(6, 1);
  v1::Event event;
  event.set_app_id(777);
  event.set_conversation("dashly:5");
  const auto tell = [&](absl::Status outcome) {
    return store->Write([&](Transaction& transaction) {
      EXPECT_THAT(sharing_->OnAppend(transaction, event), IsOk());
      return outcome;
    });
  };
  EXPECT_THAT(tell(absl::AbortedError("not appended")), Not(IsOk()));
  EXPECT_EQ(BeginRead(5, kFive)->report.served_from, "cache");
  EXPECT_THAT(tell(absl::OkStatus()), IsOk());
  EXPECT_EQ(BeginRead(6, kFive)->report.served_from, "cache");
  const Read read = BeginRead(5, kFive);
  EXPECT_FALSE(read->status.has_value());
  backend_.Answer();
}

TEST_F(SharedReadsTest, CallsMayOutliveTheSharing) {
  const Read read = BeginRead(5);
  sharing_.reset();
  backend_.Answer();
  EXPECT_THAT(*read->status, IsOk());
}

}  // namespace
}  // namespace chatgate
