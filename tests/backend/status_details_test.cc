#include <string>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "chatgate_wire/rpc_status.pb.h"
#include "server/backend/error_table.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::SizeIs;

wire::Status Decode(const std::string& bin) {
  wire::Status status;
  EXPECT_TRUE(status.ParseFromString(bin));
  EXPECT_LE(bin.size(), kStatusDetailsBytesMax);
  return status;
}

template <typename T>
T Detail(const wire::Status& status, int index) {
  T detail;
  if (index >= status.details_size()) {
    ADD_FAILURE() << status.DebugString();
    return detail;
  }
  EXPECT_TRUE(detail.ParseFromString(status.details(index).value()));
  return detail;
}

TEST(StatusDetailsTest, AnErrorCarriesItsNameAndCode) {
  const absl::Status status = MakeError("LookupError", "no conversation 7");
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kNotFound, "no conversation 7"));
  EXPECT_EQ(ErrorName(status), "LookupError");
}

TEST(StatusDetailsTest, AnUnknownNameIsKept) {
  const absl::Status status = MakeError("SomethingNew", "?");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(ErrorName(status), "SomethingNew");
}

TEST(StatusDetailsTest, InvalidFieldsNameEveryField) {
  const absl::Status status = InvalidFields(
      {{"operations[3].key", "is required"}, {"tag", "has a comma"}});
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "operations[3].key: is required; tag: has a comma"));
  EXPECT_EQ(ErrorName(status), "ValidationError");
  const std::vector<FieldViolation> violations = FieldViolations(status);
  ASSERT_THAT(violations, SizeIs(2));
  EXPECT_EQ(violations[0].field, "operations[3].key");
  EXPECT_EQ(violations[1].description, "has a comma");
}

TEST(StatusDetailsTest, AFieldErrorKeepsItsNameAndWords) {
  const absl::Status status =
      FieldError("ReplyTooBig", "body", "body must be shorter");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               "body must be shorter"));
  EXPECT_EQ(ErrorName(status), "ReplyTooBig");
  const std::vector<FieldViolation> violations = FieldViolations(status);
  ASSERT_THAT(violations, SizeIs(1));
  EXPECT_EQ(violations[0].field, "body");
  EXPECT_EQ(violations[0].description, "body must be shorter");
}

TEST(StatusDetailsTest, CarriesTheDelayOfARetry) {
  const absl::Status status = WithRetryDelay(MakeError("TooManyRequests", "."),
                                             absl::Milliseconds(2500));
  EXPECT_EQ(RetryDelay(status), absl::Milliseconds(2500));
  EXPECT_EQ(RetryDelay(WithRetryDelay(status, -absl::Seconds(1))),
            absl::ZeroDuration());
  EXPECT_EQ(RetryDelay(absl::InternalError("x")), absl::ZeroDuration());
  EXPECT_TRUE(WithRetryDelay(absl::OkStatus(), absl::Seconds(1)).ok());
}

TEST(StatusDetailsTest, OkHasNoDetails) {
  EXPECT_EQ(StatusDetailsBin(absl::OkStatus()), "");
  EXPECT_EQ(ErrorName(absl::OkStatus()), "");
}

TEST(StatusDetailsTest, PutsTheDetailsOnTheWireInOrder) {
  const wire::Status status = Decode(StatusDetailsBin(
      WithRetryDelay(InvalidField("tag", "has a comma"), absl::Seconds(3))));
  EXPECT_EQ(status.code(), 3);
  EXPECT_EQ(status.message(), "tag: has a comma");
  ASSERT_EQ(status.details_size(), 3);
  EXPECT_EQ(status.details(0).type_url(),
            "type.googleapis.com/google.rpc.ErrorInfo");
  EXPECT_EQ(Detail<wire::ErrorInfo>(status, 0).reason(), "ValidationError");
  EXPECT_EQ(Detail<wire::ErrorInfo>(status, 0).domain(), "chatgate.v1");
  EXPECT_EQ(status.details(1).type_url(),
            "type.googleapis.com/google.rpc.RetryInfo");
  EXPECT_EQ(Detail<wire::RetryInfo>(status, 1).retry_delay().seconds(), 3);
  EXPECT_EQ(status.details(2).type_url(),
            "type.googleapis.com/google.rpc.BadRequest");
  EXPECT_EQ(Detail<wire::BadRequest>(status, 2).field_violations(0).field(),
            "tag");
}

TEST(StatusDetailsTest, AStatusOfOthersGetsTheReasonOfItsCode) {
  const wire::Status status =
      Decode(StatusDetailsBin(absl::UnavailableError("no")));
  EXPECT_EQ(Detail<wire::ErrorInfo>(status, 0).reason(), "UNAVAILABLE");
}

TEST(StatusDetailsTest, DropsTheLastViolationsBeyondFourKilobytes) {
  std::vector<FieldViolation> violations;
  for (int i = 0; i < 1000; ++i) {
    violations.push_back(
        {absl::StrCat("operations[", i, "].key"), std::string(1000, 'x')});
  }
  const wire::Status status =
      Decode(StatusDetailsBin(InvalidFields(std::move(violations))));
  EXPECT_EQ(Detail<wire::ErrorInfo>(status, 0).reason(), "ValidationError");
  const auto bad_request = Detail<wire::BadRequest>(status, 1);
  EXPECT_GE(bad_request.field_violations_size(), 5);
  EXPECT_EQ(bad_request.field_violations(0).field(), "operations[0].key");
}

TEST(StatusDetailsTest, ShortensTextsBetweenCharacters) {
  std::string euros;
  for (int i = 0; i < 3000; ++i) euros += "€";
  absl::Status status = MakeError(euros, euros);
  const wire::Status decoded = Decode(StatusDetailsBin(status));
  EXPECT_EQ(decoded.message().size() % 3, 0u);
  EXPECT_GE(decoded.message().size(), 1000u);
}

TEST(StatusDetailsTest, KeepsDetailsOfOtherKindsWhileThereIsRoom) {
  absl::Status status = MakeError("TooManyRequests", "budget");
  status.SetPayload("type.googleapis.com/google.rpc.QuotaFailure",
                    absl::Cord("abc"));
  EXPECT_EQ(Decode(StatusDetailsBin(status)).details(1).value(), "abc");

  status.SetPayload("type.googleapis.com/google.rpc.QuotaFailure",
                    absl::Cord(std::string(5000, 'x')));
  const wire::Status decoded = Decode(StatusDetailsBin(status));
  ASSERT_EQ(decoded.details_size(), 1);
  EXPECT_EQ(Detail<wire::ErrorInfo>(decoded, 0).reason(), "TooManyRequests");
}

TEST(StatusDetailsTest, RepairsTextThatIsNoUtf8) {
  const wire::Status status =
      Decode(StatusDetailsBin(InvalidField("a\xFF", "b\xC3")));
  EXPECT_EQ(Detail<wire::BadRequest>(status, 1).field_violations(0).field(),
            "a\xEF\xBF\xBD");
  EXPECT_EQ(StatusDetailsBin(MakeError("x\xFF", "y\xFF")).empty(), false);
}

}  // namespace
}  // namespace chatgate
