#include "server/service/response_builder.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chatgate {
namespace {

std::shared_ptr<const EventRecord> Record(uint64_t seq, size_t body_bytes) {
  v1::SubscribeResponse one;
  one.add_events()->set_seq(seq);
  one.mutable_events(0)->set_conversation(std::string(body_bytes, 'x'));
  auto record = std::make_shared<EventRecord>();
  record->seq = seq;
  record->slice = one.SerializeAsString();
  return record;
}

v1::SubscribeResponse Parse(const grpc::ByteBuffer& bytes) {
  grpc::Slice slice;
  EXPECT_TRUE(bytes.DumpToSingleSlice(&slice).ok());
  v1::SubscribeResponse response;
  EXPECT_TRUE(
      response.ParseFromArray(slice.begin(), static_cast<int>(slice.size())));
  return response;
}

class ResponseBuilderTest : public ::testing::Test {
 protected:
  v1::SubscribeResponse Finish(const std::string& cursor = "c") {
    v1::SubscribeResponse tail;
    tail.set_cursor(cursor);
    return Parse(builder_.Finish(tail));
  }

  ResponseBuilder builder_;
};

TEST_F(ResponseBuilderTest, EventsAndTailMakeOneMessage) {
  EXPECT_TRUE(builder_.Add(Record(1, 10)));
  EXPECT_TRUE(builder_.Add(Record(2, 1000)));
  const v1::SubscribeResponse response = Finish("after two");
  ASSERT_EQ(response.events_size(), 2);
  EXPECT_EQ(response.events(0).seq(), 1u);
  EXPECT_EQ(response.events(1).conversation().size(), 1000u);
  EXPECT_EQ(response.cursor(), "after two");
}

// gRPC's cost is by the piece.
TEST_F(ResponseBuilderTest, EventsThatFollowInMemoryAreOnePiece) {
  const std::string slice(Record(1, 10)->slice);
  const auto whole = std::make_shared<const std::string>(slice + slice + slice);
  const size_t size = slice.size();
  for (const size_t place : {0, 1, 2, 0}) {
    auto record = std::make_shared<EventRecord>();
    record->slice = SharedBytes(whole, place * size, size);
    EXPECT_TRUE(builder_.Add(std::move(record)));
  }
  EXPECT_TRUE(builder_.Add(Record(2, 10)));
  grpc::ByteBuffer response = builder_.Finish({});
  std::vector<grpc::Slice> pieces;
  ASSERT_TRUE(response.Dump(&pieces).ok());
  std::vector<size_t> sizes;
  for (const grpc::Slice& piece : pieces) {
    if (piece.size() > 0) sizes.push_back(piece.size());
  }
  EXPECT_THAT(sizes, ::testing::ElementsAre(3 * size, size, size));
  EXPECT_EQ(Parse(response).events_size(), 5);
}

TEST_F(ResponseBuilderTest, FinishEmptiesIt) {
  EXPECT_TRUE(builder_.Add(Record(1, 10)));
  Finish();
  EXPECT_TRUE(builder_.empty());
  EXPECT_EQ(Finish().events_size(), 0);
}

TEST_F(ResponseBuilderTest, AResponseKeepsItsBytesAndLetsThemGo) {
  auto whole = std::make_shared<const std::string>(Record(1, 100'000)->slice);
  const std::weak_ptr<const std::string> watched = whole;
  auto record = std::make_shared<EventRecord>();
  record->slice = SharedBytes(whole, 0, whole->size());
  EXPECT_TRUE(builder_.Add(std::move(record)));
  whole.reset();
  grpc::ByteBuffer response = builder_.Finish({});
  EXPECT_FALSE(watched.expired());
  EXPECT_EQ(Parse(response).events_size(), 1);
  response.Clear();
  EXPECT_TRUE(watched.expired());
}

TEST_F(ResponseBuilderTest, AResponseHoldsAtMostOneMebibyte) {
  size_t bytes = 0;
  uint64_t seq = 0;
  while (builder_.Add(Record(++seq, 100'000))) {
    bytes += Record(seq, 100'000)->slice.size();
  }
  EXPECT_LE(bytes, kResponseBytesMax);
  EXPECT_GT(bytes + 100'100, kResponseBytesMax);
  EXPECT_EQ(Finish().events_size(), static_cast<int>(seq - 1));
}

TEST_F(ResponseBuilderTest, OneEventMayBeLarger) {
  EXPECT_TRUE(builder_.Add(Record(1, kResponseBytesMax * 3)));
  EXPECT_FALSE(builder_.Add(Record(2, 1)));
  EXPECT_EQ(Finish().events_size(), 1);
}

TEST_F(ResponseBuilderTest, TheBodyBecomesAFieldOfTheEvent) {
  const std::string raw(300, 'r');
  EXPECT_TRUE(builder_.AddCopy(SliceWithRaw(*Record(7, 200), raw)));
  const v1::SubscribeResponse response = Finish();
  ASSERT_EQ(response.events_size(), 1);
  EXPECT_EQ(response.events(0).seq(), 7u);
  EXPECT_EQ(response.events(0).conversation().size(), 200u);
  EXPECT_EQ(response.events(0).raw(), raw);
}

// A client could never take it, however often it came back.
TEST_F(ResponseBuilderTest, ABodyThatMakesTheEventTooLongIsLeftOut) {
  const auto record = Record(7, 2 << 20);
  EXPECT_EQ(SliceWithRaw(*record, std::string(2 << 20, 'r')),
            absl::string_view(record->slice));
}

TEST(ParseSliceTest, GivesTheEventBack) {
  EXPECT_EQ(ParseSlice(Record(9, 500)->slice).seq(), 9u);
  EXPECT_EQ(ParseSlice(Record(9, 0)->slice).seq(), 9u);
}

}  // namespace
}  // namespace chatgate
