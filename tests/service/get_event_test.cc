#include "server/event_log/cursor.h"
#include "tests/service/service_fixture.h"

namespace chatgate {
namespace {

class GetEventTest : public ServiceFixture {
 protected:
  GetEventTest() {
    AddPart("first");
    AddPart("second", 888);
  }

  grpc::Status Get(const std::string& token = kReader) {
    grpc::ClientContext context;
    Authorize(&context, token);
    response_.Clear();
    return stub_->GetEvent(&context, request_, &response_);
  }
  static std::string IdOf(uint64_t seq, uint64_t epoch = FakeEventLog::kEpoch) {
    return EncodeEventId({epoch, seq});
  }
  static std::string At(uint64_t seq, uint64_t epoch = FakeEventLog::kEpoch) {
    return EncodeCursor({epoch, seq});
  }

  v1::GetEventRequest request_;
  v1::GetEventResponse response_;
};

TEST_F(GetEventTest, ByItsId) {
  request_.set_id(IdOf(1));
  ASSERT_THAT(ToAbsl(Get()), IsOk());
  EXPECT_EQ(response_.event().seq(), 1u);
  EXPECT_EQ(response_.event().id(), IdOf(1));
  EXPECT_EQ(response_.event().raw(), "");
}

TEST_F(GetEventTest, ByItsCursor) {
  request_.set_cursor(At(2));
  ASSERT_THAT(ToAbsl(Get()), IsOk());
  EXPECT_EQ(response_.event().seq(), 2u);
}

TEST_F(GetEventTest, TheBodyComesWhenAskedFor) {
  request_.set_id(IdOf(1));
  request_.set_include_raw(true);
  ASSERT_THAT(ToAbsl(Get()), IsOk());
  EXPECT_EQ(response_.event().raw(), "raw of first");
}

TEST_F(GetEventTest, AlsoFromDisk) {
  log_.recent_from = 2;
  request_.set_id(IdOf(1));
  ASSERT_THAT(ToAbsl(Get()), IsOk());
  EXPECT_EQ(response_.event().seq(), 1u);
}

TEST_F(GetEventTest, WhatIsGoneIsNotFound) {
  log_.DropBefore(2);
  request_.set_id(IdOf(1));
  const grpc::Status status = Get();
  EXPECT_THAT(ToAbsl(status), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(ReasonOf(status), "LookupError");
}

// Nobody learns what there is in apps of others.
TEST_F(GetEventTest, AnotherAppsEventIsNotFound) {
  request_.set_id(IdOf(2));
  EXPECT_THAT(ToAbsl(Get(kOnly777)), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(GetEventTest, BeforeTheFirstThereIsNone) {
  request_.set_cursor(At(0));
  EXPECT_THAT(ToAbsl(Get()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(GetEventTest, WrongPlacesAreRefused) {
  EXPECT_EQ(FieldOf(Get()), "id");
  request_.set_id(At(1));  // A cursor is no id.
  EXPECT_EQ(FieldOf(Get()), "id");
  request_.set_id(IdOf(3));
  EXPECT_EQ(ReasonOf(Get()), "CURSOR_AHEAD_OF_LOG");
  request_.set_id(IdOf(1, 43));
  EXPECT_EQ(ReasonOf(Get()), "CURSOR_OF_ANOTHER_LOG");
  request_.set_cursor(At(1));  // Both at once.
  EXPECT_THAT(ToAbsl(Get()), StatusIs(absl::StatusCode::kInvalidArgument,
                                      "cursor: excludes `id`"));
  request_.clear_id();
  request_.set_cursor(IdOf(1));
  EXPECT_EQ(FieldOf(Get()), "cursor");
}

TEST_F(GetEventTest, NeedsAToken) {
  EXPECT_THAT(ToAbsl(Get("")), StatusIs(absl::StatusCode::kUnauthenticated));
}

}  // namespace
}  // namespace chatgate
