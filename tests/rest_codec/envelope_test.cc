#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/rest_codec/envelope_reader.h"
#include "server/rest_codec/envelope_writer.h"
#include "server/rest_codec/request_writer.h"
#include "tests/rest_codec/codec_fixture.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;

class EnvelopeTest : public CodecTest {
 protected:
  // The status of an answer to ListConversationParts.
  absl::Status ReadParts(int http_status, absl::string_view body) {
    v1::ListConversationPartsResponse response;
    return ReadEnvelope(MethodOf("ListConversationParts"), http_status, body,
                        &response);
  }
};

TEST_F(EnvelopeTest, IdsAreTextOnRequest) {
  v1::StartConversationResponse response;
  response.set_id(18446744073709551615u);
  EXPECT_EQ(
      WriteEnvelope(MethodOf("StartConversation"), response, true),
      R"({"meta": {"status": 200}, "data": {"id": "18446744073709551615"}})");
}

TEST_F(EnvelopeTest, TokensThatAreNoNumbersStayText) {
  v1::ListUserEventsResponse response;
  for (const char* token : {"b2s=", "1.2.3", "-1", "01", ".5", "5."}) {
    response.set_next_page_token(token);
    EXPECT_THAT(WriteEnvelope(MethodOf("ListUserEvents"), response, false),
                HasSubstr(absl::StrCat("\"next_after\": \"", token, "\"")));
  }
}

TEST_F(EnvelopeTest, ErrorsNameFieldsAsOnTheWire) {
  const RestMethod method = MethodOf("ListConversationParts");
  const RestError error =
      WriteError(InvalidField("page_size", "must not be negative"), &method);
  EXPECT_EQ(error.http_status, 400);
  EXPECT_THAT(
      error.body,
      HasSubstr(R"("error_fields": {"count": "must not be negative"})"));
  EXPECT_THAT(error.body, ::testing::Not(HasSubstr("page_size")));
}

TEST_F(EnvelopeTest, AnErrorWithWordsOfItsOwnKeepsThem) {
  const RestMethod method = MethodOf("ReplyToConversation");
  const RestError error =
      WriteError(FieldError("ReplyTooBig", "body", "too long"), &method);
  EXPECT_THAT(error.body, HasSubstr(R"("error": "ReplyTooBig")"));
  EXPECT_THAT(error.body, HasSubstr(R"("error_message": "too long")"));
  EXPECT_THAT(error.body, HasSubstr(R"("error_fields": {"body": "too long"})"));
}

TEST_F(EnvelopeTest, StatusesWithoutAWebApiNameAreError500) {
  for (const absl::Status& status :
       {absl::InternalError("x"), absl::UnknownError("x"),
        absl::DataLossError("x"), MakeError("SomethingNew", "x")}) {
    const RestError error = WriteError(status);
    EXPECT_EQ(error.http_status, 500);
    EXPECT_THAT(error.body, HasSubstr(R"("error": "Error500")"));
  }
}

TEST_F(EnvelopeTest, EveryRowOfTheErrorTableComesBack) {
  for (const ErrorRow& row : ErrorTable()) {
    const RestError error = WriteError(MakeError(row.name, "why"));
    const absl::Status status = ReadParts(error.http_status, error.body);
    const bool nameless = row.http_status == 500;
    EXPECT_EQ(ErrorName(status), nameless ? "Error500" : row.name);
    EXPECT_EQ(status.message(), "why");
  }
}

TEST_F(EnvelopeTest, BodiesThatAreNoEnvelopeGoByTheHttpStatus) {
  EXPECT_EQ(ErrorName(ReadParts(502, "<html>bad gateway")), "Error500");
  EXPECT_EQ(ErrorName(ReadParts(429, "")), "TooManyRequests");
  EXPECT_EQ(ErrorName(ReadParts(401, "{}")), "NotAuthenticated");
  EXPECT_EQ(ErrorName(ReadParts(400, "[]")), "BadRequest");
  EXPECT_EQ(ErrorName(ReadParts(418, "{\"meta\": 5}")), "BadRequest");
  EXPECT_EQ(ErrorName(ReadParts(200, "<html>")), "Error500");
}

TEST_F(EnvelopeTest, AnErrorInsideAnAnswerThatIs200IsAnError) {
  EXPECT_EQ(ErrorName(ReadParts(200, R"({"meta": {"status": 403}})")),
            "PermissionDeniedError");
  EXPECT_EQ(ErrorName(ReadParts(200, R"({"meta": {"error": "LookupError"}})")),
            "LookupError");
}

TEST_F(EnvelopeTest, UnknownNamesAreKept) {
  EXPECT_EQ(ErrorName(ReadParts(
                400, R"({"meta": {"status": 400, "error": "NewError"}})")),
            "NewError");
}

TEST_F(EnvelopeTest, ErrorFieldsHaveTheNamesOfTheRequest) {
  const absl::Status status = ReadParts(
      400, R"({"meta": {"status": 400, "error": "ValidationError",)"
           R"( "error_fields": {"count": ["too small"], "x": "bad"}}})");
  const std::vector<FieldViolation> fields = FieldViolations(status);
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[0].field, "page_size");
  EXPECT_EQ(fields[0].description, R"(["too small"])");
  EXPECT_EQ(fields[1].description, "bad");
}

TEST_F(EnvelopeTest, AnswersOfAnotherShapeLeaveTheResponseEmpty) {
  EXPECT_THAT(ReadParts(200, R"({"meta": {"status": 200}, "data": {}})"),
              IsOk());
  EXPECT_THAT(ReadParts(200, R"({"data": null})"), IsOk());
  EXPECT_THAT(ReadParts(200, R"({})"), IsOk());
}

TEST_F(EnvelopeTest, WhatTheProtoDoesNotKnowIsKept) {
  v1::ReplyToConversationResponse response;
  ASSERT_THAT(
      ReadEnvelope(
          MethodOf("ReplyToConversation"), 200,
          R"({"data": {"id": "5", "mood": 1.10, "assign_part": {"id": 6}}})",
          &response),
      IsOk());
  EXPECT_EQ(response.part().id(), 5u);
  EXPECT_EQ(response.assign_part().id(), 6u);
  EXPECT_EQ(response.part().unknown_fields_json(), R"({"mood":1.10})");
}

TEST_F(EnvelopeTest, AppsComeFromTheDefault) {
  v1::ListChannelsRequest request;
  EXPECT_THAT(WriteRequest(MethodOf("ListChannels"), request, 0),
              StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK_AND_ASSIGN(const RestCall call,
                       WriteRequest(MethodOf("ListChannels"), request, 777));
  EXPECT_EQ(call.path, "apps/777/channels");
}

}  // namespace
}  // namespace chatgate
