#include <thread>

#include "server/event_log/cursor.h"
#include "tests/service/service_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class ListEventsTest : public ServiceFixture {
 protected:
  using ServiceFixture::ServiceFixture;

  grpc::Status List(const std::string& token = kReader) {
    grpc::ClientContext context;
    Authorize(&context, token);
    response_.Clear();
    return stub_->ListEvents(&context, request_, &response_);
  }
  std::vector<uint64_t> Seqs() {
    EXPECT_THAT(ToAbsl(List()), IsOk());
    std::vector<uint64_t> seqs;
    for (const auto& event : response_.events()) seqs.push_back(event.seq());
    return seqs;
  }
  std::vector<uint64_t> NextSeqs() {
    request_.set_page_token(response_.next_page_token());
    request_.clear_cursor();
    return Seqs();
  }
  static std::string At(uint64_t seq) {
    return EncodeCursor({FakeEventLog::kEpoch, seq});
  }
  void AddParts(int count, size_t bytes = 1) {
    for (int i = 0; i < count; ++i) AddPart(std::string(bytes, 'x'));
  }

  v1::ListEventsRequest request_;
  v1::ListEventsResponse response_;
};

TEST_F(ListEventsTest, AnEmptyLogIsAnEmptyPage) {
  EXPECT_THAT(Seqs(), IsEmpty());
  EXPECT_EQ(response_.next_page_token(), "");
  EXPECT_EQ(response_.cursor(), At(0));
}

TEST_F(ListEventsTest, PagesFollowEachOtherOldestFirst) {
  AddParts(5);
  request_.set_page_size(2);
  EXPECT_THAT(Seqs(), ElementsAre(1, 2));
  EXPECT_THAT(NextSeqs(), ElementsAre(3, 4));
  EXPECT_THAT(NextSeqs(), ElementsAre(5));
  EXPECT_EQ(response_.next_page_token(), "");
}

TEST_F(ListEventsTest, ThePageSizeHasADefaultAndAMaximum) {
  AddParts(60);
  EXPECT_THAT(Seqs(), SizeIs(20));
  request_.set_page_size(1000);
  EXPECT_THAT(Seqs(), SizeIs(50));
}

TEST_F(ListEventsTest, ANegativePageSizeIsRefused) {
  request_.set_page_size(-1);
  const grpc::Status status = List();
  EXPECT_THAT(ToAbsl(status), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(FieldOf(status), "page_size");
}

TEST_F(ListEventsTest, ACursorBeginsAfterIt) {
  AddParts(3);
  request_.set_cursor(At(2));
  EXPECT_THAT(Seqs(), ElementsAre(3));
}

TEST_F(ListEventsTest, SubscribeGoesOnFromItsCursor) {
  AddParts(2);
  Seqs();
  AddParts(1);
  v1::SubscribeRequest request;
  request.set_cursor(response_.cursor());
  EXPECT_THAT(Subscribe(request)->NextSeqs(1), ElementsAre(3));
}

TEST_F(ListEventsTest, APageExaminesAtMostTenThousandEvents) {
  AddParts(10'005);
  AddPart("wanted", 888);
  request_.mutable_filter()->add_app_ids(888);
  EXPECT_THAT(Seqs(), IsEmpty());
  EXPECT_EQ(response_.cursor(), At(10'000));
  EXPECT_THAT(NextSeqs(), ElementsAre(10'006));
  EXPECT_EQ(response_.next_page_token(), "");
}

TEST_F(ListEventsTest, APageHoldsAtMostOneMebibyte) {
  AddParts(20, 300'000);
  EXPECT_THAT(Seqs(), ElementsAre(1, 2, 3));
  EXPECT_THAT(NextSeqs(), ElementsAre(4, 5, 6));
}

TEST_F(ListEventsTest, BodiesComeOnlyWhenAskedFor) {
  AddPart("hello");
  Seqs();
  EXPECT_EQ(response_.events(0).raw(), "");
  request_.set_include_raw(true);
  Seqs();
  EXPECT_EQ(response_.events(0).raw(), "raw of hello");
}

TEST_F(ListEventsTest, WhatIsGoneIsTold) {
  AddParts(5);
  log_.DropBefore(4);
  EXPECT_THAT(Seqs(), ElementsAre(4, 5));
  EXPECT_FALSE(response_.has_gap());

  request_.set_cursor(At(1));
  EXPECT_THAT(Seqs(), ElementsAre(4, 5));
  EXPECT_EQ(response_.gap().first_seq(), 2u);
  EXPECT_EQ(response_.gap().last_seq(), 3u);
}

TEST_F(ListEventsTest, APageEndsBeforeADamagedEventAndTheNextFails) {
  AddParts(5);
  log_.unreadable = 3;
  for (const bool descending : {false, true}) {
    request_.Clear();
    request_.set_descending(descending);
    EXPECT_THAT(Seqs(), descending ? ElementsAre(5, 4) : ElementsAre(1, 2));
    request_.set_page_token(response_.next_page_token());
    EXPECT_THAT(ToAbsl(List()), StatusIs(absl::StatusCode::kDataLoss));
    request_.clear_page_token();
    request_.set_cursor(At(descending ? 2 : 3));
    EXPECT_THAT(Seqs(), descending ? ElementsAre(2, 1) : ElementsAre(4, 5));
  }
}

TEST_F(ListEventsTest, WrongPositionsAreRefused) {
  request_.set_page_token("nonsense");
  EXPECT_EQ(FieldOf(List()), "page_token");
  request_.set_cursor(At(0));
  EXPECT_EQ(FieldOf(List()), "cursor");
  request_.clear_page_token();
  request_.set_cursor(At(1));
  EXPECT_EQ(ReasonOf(List()), "CURSOR_AHEAD_OF_LOG");
  request_.set_cursor(EncodeCursor({43, 0}));
  EXPECT_EQ(ReasonOf(List()), "CURSOR_OF_ANOTHER_LOG");
}

TEST_F(ListEventsTest, DescendingPagesFollowEachOtherNewestFirst) {
  AddParts(5);
  request_.set_page_size(2);
  request_.set_descending(true);
  EXPECT_THAT(Seqs(), ElementsAre(5, 4));
  EXPECT_EQ(response_.cursor(), At(5));
  AddParts(1);  // Belongs to no page of this list.
  EXPECT_THAT(NextSeqs(), ElementsAre(3, 2));
  EXPECT_THAT(NextSeqs(), ElementsAre(1));
  EXPECT_EQ(response_.next_page_token(), "");
}

// A cursor parts the log: what is not after it is before it.
TEST_F(ListEventsTest, DescendingACursorBeginsBeforeIt) {
  AddParts(3);
  request_.set_descending(true);
  request_.set_cursor(At(2));
  EXPECT_THAT(Seqs(), ElementsAre(2, 1));
}

TEST_F(ListEventsTest, DescendingEndsAtTheOldestThatIsKept) {
  AddParts(5);
  log_.DropBefore(4);
  request_.set_descending(true);
  EXPECT_THAT(Seqs(), ElementsAre(5, 4));
  EXPECT_EQ(response_.next_page_token(), "");
  EXPECT_FALSE(response_.has_gap());

  request_.set_cursor(At(2));
  EXPECT_THAT(Seqs(), IsEmpty());
  EXPECT_EQ(response_.gap().first_seq(), 1u);
  EXPECT_EQ(response_.gap().last_seq(), 2u);
  EXPECT_EQ(response_.next_page_token(), "");
}

// Retention may delete between the look at the oldest event and the reading.
TEST_F(ListEventsTest, DescendingTellsWhatIsDeletedWhileItReads) {
  AddParts(5);
  request_.set_descending(true);
  request_.set_cursor(At(3));
  const int reads = log_.reads();
  log_.Block();
  std::thread listing([this] { EXPECT_THAT(ToAbsl(List()), IsOk()); });
  while (log_.reads() == reads) std::this_thread::yield();
  log_.DropBefore(5);
  log_.Unblock();
  listing.join();
  EXPECT_THAT(response_.events(), IsEmpty());
  EXPECT_EQ(response_.gap().first_seq(), 1u);
  EXPECT_EQ(response_.gap().last_seq(), 3u);
  EXPECT_EQ(response_.next_page_token(), "");
}

// What is gone is no news to who has seen nothing.
TEST_F(ListEventsTest, DescendingALogWithNothingLeftIsAnEmptyPage) {
  AddParts(5);
  log_.DropBefore(6);
  request_.set_descending(true);
  EXPECT_THAT(Seqs(), IsEmpty());
  EXPECT_FALSE(response_.has_gap());
  request_.set_cursor(At(5));
  EXPECT_THAT(Seqs(), IsEmpty());
  EXPECT_EQ(response_.gap().last_seq(), 5u);
}

TEST_F(ListEventsTest, DescendingAPageExaminesAtMostTenThousandEvents) {
  AddPart("wanted", 888);
  AddParts(10'005);
  request_.mutable_filter()->add_app_ids(888);
  request_.set_descending(true);
  EXPECT_THAT(Seqs(), IsEmpty());
  EXPECT_THAT(response_.next_page_token(), StartsWith(At(6)));
  EXPECT_THAT(NextSeqs(), ElementsAre(1));
  EXPECT_EQ(response_.next_page_token(), "");
}

TEST_F(ListEventsTest, APageTokenIsOfOneList) {
  AddParts(30);
  EXPECT_THAT(Seqs(), SizeIs(20));
  const std::string cursor = response_.cursor();
  request_.set_page_token(response_.next_page_token());
  request_.set_descending(true);
  EXPECT_EQ(FieldOf(List()), "page_token");
  request_.set_descending(false);
  request_.mutable_filter()->add_directions("a2u");
  EXPECT_EQ(FieldOf(List()), "page_token");
  request_.clear_filter();
  request_.set_page_token(cursor);
  EXPECT_EQ(FieldOf(List()), "page_token");
}

TEST_F(ListEventsTest, APageTokenTakesAnotherPageSize) {
  AddParts(30);
  EXPECT_THAT(Seqs(), SizeIs(20));
  request_.set_page_token(response_.next_page_token());
  request_.set_page_size(3);
  EXPECT_THAT(Seqs(), ElementsAre(21, 22, 23));
}

TEST_F(ListEventsTest, DescendingAPageHoldsAtMostOneMebibyte) {
  AddParts(6, 300'000);
  request_.set_descending(true);
  EXPECT_THAT(Seqs(), ElementsAre(6, 5, 4));
  EXPECT_THAT(NextSeqs(), ElementsAre(3, 2, 1));
}

TEST_F(ListEventsTest, AnEmptyLogIsAnEmptyPageDescending) {
  request_.set_descending(true);
  EXPECT_THAT(Seqs(), IsEmpty());
  EXPECT_EQ(response_.next_page_token(), "");
  EXPECT_EQ(response_.cursor(), At(0));
}

TEST_F(ListEventsTest, NeedsAToken) {
  EXPECT_THAT(ToAbsl(List("")), StatusIs(absl::StatusCode::kUnauthenticated));
}

class FewListsTest : public ListEventsTest {
 protected:
  FewListsTest() : ListEventsTest(ChatServiceOptions{.lists_max = 0}) {}
};

TEST_F(FewListsTest, TooManyAtATimeAreRefused) {
  const grpc::Status status = List();
  EXPECT_THAT(ToAbsl(status), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(ReasonOf(status), "OVERLOADED");
}

}  // namespace
}  // namespace chatgate
