#include "client/status.h"

#include <grpcpp/support/status.h>

#include "chatgate_wire/rpc_status.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::IsEmpty;

wire::Status BadRequestDetails() {
  wire::BadRequest request;
  auto* violation = request.add_field_violations();
  violation->set_field("page_size");
  violation->set_description("is negative");
  wire::Status details;
  auto* detail = details.add_details();
  detail->set_type_url("type.googleapis.com/google.rpc.BadRequest");
  detail->set_value(request.SerializeAsString());
  return details;
}

TEST(StatusTest, EveryCodeKeepsItsNumber) {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status status =
        FromGrpc(grpc::Status(static_cast<grpc::StatusCode>(code), "why"));
    EXPECT_EQ(static_cast<int>(status.code()), code);
    EXPECT_EQ(status.message(), "why");
  }
  EXPECT_THAT(FromGrpc(grpc::Status()), IsOk());
}

// A newer server may know more codes.
TEST(StatusTest, CodeOutsideTheTableIsUnknown) {
  EXPECT_THAT(FromGrpc(grpc::Status(static_cast<grpc::StatusCode>(20), "why")),
              StatusIs(absl::StatusCode::kUnknown));
}

TEST(StatusTest, FieldViolationsAreReadable) {
  const absl::Status status =
      FromGrpc(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "wrong",
                            BadRequestDetails().SerializeAsString()));
  ASSERT_EQ(FieldViolations(status).size(), 1u);
  EXPECT_EQ(FieldViolations(status)[0].field, "page_size");
  EXPECT_EQ(ErrorLine(status),
            "INVALID_ARGUMENT: wrong; page_size: is negative");
}

// As the gateway's own message does.
TEST(StatusTest, FieldViolationThatTheMessageNamesIsNotToldTwice) {
  const absl::Status status = FromGrpc(
      grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "page_size: is negative",
                   BadRequestDetails().SerializeAsString()));
  EXPECT_EQ(ErrorLine(status), "INVALID_ARGUMENT: page_size: is negative");
}

TEST(StatusTest, FieldViolationThatIsTheMessageIsNotToldTwice) {
  const absl::Status status =
      FromGrpc(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "is negative",
                            BadRequestDetails().SerializeAsString()));
  EXPECT_EQ(ErrorLine(status), "INVALID_ARGUMENT: is negative");
}

TEST(StatusTest, DetailsThatCannotBeReadLeaveCodeAndMessage) {
  const absl::Status status = FromGrpc(
      grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "wrong", "\xff\xff"));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "wrong"));
  EXPECT_THAT(FieldViolations(status), IsEmpty());
  EXPECT_FALSE(RetryDelay(status).has_value());
  EXPECT_EQ(ErrorReason(status), "");
}

TEST(StatusTest, NegativeRetryDelayIsNone) {
  wire::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(-5);
  absl::Status status = absl::UnavailableError("busy");
  status.SetPayload("type.googleapis.com/google.rpc.RetryInfo",
                    absl::Cord(info.SerializeAsString()));
  EXPECT_EQ(RetryDelay(status), absl::ZeroDuration());
}

TEST(StatusTest, ErrorLineIsOneLine) {
  EXPECT_EQ(ErrorLine(absl::InternalError("a\nb\r\nc")), "INTERNAL: a b  c");
}

TEST(StatusTest, ErrorLineCannotPlayWithATerminal) {
  EXPECT_EQ(ErrorLine(absl::InternalError("нет \x1b[2J\u202e")),
            "INTERNAL: нет \\x1b[2J\\u202e");
}

TEST(StatusTest, TerminalAreTheErrorsThatStayWhatTheyAre) {
  EXPECT_TRUE(IsTerminal(absl::InvalidArgumentError("")));
  EXPECT_TRUE(IsTerminal(absl::UnauthenticatedError("")));
  EXPECT_TRUE(IsTerminal(absl::PermissionDeniedError("")));
  EXPECT_TRUE(IsTerminal(absl::FailedPreconditionError("")));
  EXPECT_TRUE(IsTerminal(absl::OutOfRangeError("")));
  EXPECT_TRUE(IsTerminal(absl::UnimplementedError("")));
  EXPECT_TRUE(IsTerminal(absl::DataLossError("")));
  EXPECT_TRUE(IsTerminal(absl::NotFoundError("")));
  EXPECT_TRUE(IsTerminal(absl::AlreadyExistsError("")));
  EXPECT_FALSE(IsTerminal(absl::UnavailableError("")));
  EXPECT_FALSE(IsTerminal(absl::ResourceExhaustedError("")));
  EXPECT_FALSE(IsTerminal(absl::InternalError("")));
  EXPECT_FALSE(IsTerminal(absl::UnknownError("")));
  EXPECT_FALSE(IsTerminal(absl::DeadlineExceededError("")));
  EXPECT_FALSE(IsTerminal(absl::CancelledError("")));
  EXPECT_FALSE(IsTerminal(absl::AbortedError("")));
}

}  // namespace
}  // namespace chatgate
