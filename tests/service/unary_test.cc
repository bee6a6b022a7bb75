#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/generic/generic_stub.h"
#include "server/backend/error_table.h"
#include "tests/service/service_fixture.h"

namespace chatgate {
namespace {

using ::testing::SizeIs;

class UnaryTest : public ServiceFixture {
 protected:
  grpc::Status Read(const std::string& token, uint64_t app_id = 777) {
    grpc::ClientContext context;
    Authorize(&context, token);
    v1::GetConversationRequest request;
    request.set_app_id(app_id);
    v1::GetConversationResponse response;
    return stub_->GetConversation(&context, request, &response);
  }
  grpc::Status Change(const std::string& token, uint64_t app_id = 777) {
    grpc::ClientContext context;
    Authorize(&context, token);
    v1::ReplyToConversationRequest request;
    request.set_app_id(app_id);
    v1::ReplyToConversationResponse response;
    return stub_->ReplyToConversation(&context, request, &response);
  }
};

TEST_F(UnaryTest, TheBackendOfTheAppGetsTheCall) {
  EXPECT_THAT(ToAbsl(Read(kReader, 888)), IsOk());
  EXPECT_THAT(backend_777_.seen(), SizeIs(0));
  ASSERT_THAT(backend_888_.seen(), SizeIs(1));
  const FakeBackend::Seen seen = backend_888_.seen()[0];
  EXPECT_EQ(seen.request_type, "chatgate.v1.GetConversationRequest");
  EXPECT_EQ(seen.context.app_id, 888u);
  EXPECT_EQ(seen.context.caller, "reader");
}

TEST_F(UnaryTest, TheBackendMayAnswerWithBytes) {
  v1::GetConversationResponse answer;
  answer.mutable_conversation()->set_id(4711);
  backend_777_.SetBytes(answer.SerializeAsString());
  grpc::ClientContext context;
  Authorize(&context, kReader);
  v1::GetConversationRequest request;
  request.set_app_id(777);
  v1::GetConversationResponse response;
  EXPECT_THAT(ToAbsl(stub_->GetConversation(&context, request, &response)),
              IsOk());
  EXPECT_EQ(response.conversation().id(), 4711);
  // An error is an error, whatever the backend had written by then.
  backend_777_.SetAnswer(MakeError("LookupError", "is not known"));
  EXPECT_THAT(ToAbsl(Read(kReader)), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(UnaryTest, WithoutTokenNothingIsCalled) {
  const grpc::Status status = Read("");
  EXPECT_THAT(ToAbsl(status),
              StatusIs(absl::StatusCode::kUnauthenticated,
                       "send `authorization: Bearer TOKEN`, as metadata or "
                       "header"));
  EXPECT_EQ(ReasonOf(status), "NotAuthenticated");
  EXPECT_THAT(backend_777_.seen(), SizeIs(0));
}

TEST_F(UnaryTest, AnUnknownTokenIsUnauthenticated) {
  EXPECT_THAT(ToAbsl(Read("guess")),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(UnaryTest, TwoTokensAreNone) {
  grpc::ClientContext context;
  Authorize(&context, kReader);
  Authorize(&context, kWriter);
  v1::ListChannelsResponse response;
  EXPECT_THAT(ToAbsl(stub_->ListChannels(&context, {}, &response)),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

// Every error has a reason, and who proves nothing learns nothing else.
TEST_F(UnaryTest, BytesThatAreNoRequestAreRefusedLikeAnyOther) {
  v1::GetUserRequest request;
  request.set_user_id("\xff");  // Of UTF-8 alone; C++ sends it all the same.
  v1::GetUserResponse response;
  for (const bool has_token : {false, true}) {
    grpc::ClientContext context;
    if (has_token) Authorize(&context, kReader);
    const grpc::Status status = stub_->GetUser(&context, request, &response);
    EXPECT_EQ(status.error_code(), has_token
                                       ? grpc::StatusCode::INVALID_ARGUMENT
                                       : grpc::StatusCode::UNAUTHENTICATED);
    EXPECT_EQ(ReasonOf(status), has_token ? "BadRequest" : "NotAuthenticated");
  }
}

TEST_F(UnaryTest, AReaderMayNotChange) {
  const grpc::Status status = Change(kReader);
  EXPECT_THAT(ToAbsl(status), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(ReasonOf(status), "ROLE_TOO_LOW");
  EXPECT_THAT(backend_777_.seen(), SizeIs(0));
}

TEST_F(UnaryTest, AWriterMayReadAndChange) {
  EXPECT_THAT(ToAbsl(Read(kWriter)), IsOk());
  EXPECT_THAT(ToAbsl(Change(kWriter)), IsOk());
}

TEST_F(UnaryTest, TheOnlyAppNeedsNoName) {
  EXPECT_THAT(ToAbsl(Change(kOnly777, 0)), IsOk());
  EXPECT_EQ(backend_777_.seen()[0].context.app_id, 777u);
}

TEST_F(UnaryTest, OneOfSeveralAppsMustBeNamed) {
  const grpc::Status status = Read(kReader, 0);
  EXPECT_THAT(ToAbsl(status), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(ReasonOf(status), "APP_REQUIRED");
  EXPECT_EQ(FieldOf(status), "app_id");
}

TEST_F(UnaryTest, AnAppOfOthersAndOneThatIsNotThereAreDeniedAlike) {
  const grpc::Status others = Read(kOnly777, 888);
  const grpc::Status missing = Read(kOnly777, 999);
  EXPECT_THAT(ToAbsl(others), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(ToAbsl(others), ToAbsl(missing));
  EXPECT_EQ(ReasonOf(others), "APP_NOT_ALLOWED");
}

TEST_F(UnaryTest, ACallerWithoutAnyAppIsDenied) {
  EXPECT_THAT(ToAbsl(Read(kNoApp, 0)),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(UnaryTest, ErrorsKeepTheirCodeMessageAndDetails) {
  backend_777_.SetAnswer(MakeError("LookupError", "no such conversation"));
  const grpc::Status status = Read(kReader);
  EXPECT_THAT(ToAbsl(status),
              StatusIs(absl::StatusCode::kNotFound, "no such conversation"));
  EXPECT_EQ(ReasonOf(status), "LookupError");
}

TEST_F(UnaryTest, EveryRowOfTheErrorTableReachesTheClient) {
  for (const ErrorRow& row : ErrorTable()) {
    backend_777_.SetAnswer(MakeError(row.name, "why"));
    const grpc::Status status = Read(kReader);
    EXPECT_THAT(ToAbsl(status), StatusIs(row.code)) << row.name;
    EXPECT_EQ(ReasonOf(status), row.name);
  }
}

std::string Trailer(const grpc::ClientContext& context,
                    const std::string& name) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find(name);
  return found == trailers.end()
             ? ""
             : std::string(found->second.data(), found->second.size());
}

TEST_F(UnaryTest, TheTrailersTellHowTheCallWasServed) {
  CallReport report;
  report.served_from = "cache";
  report.queued = absl::Milliseconds(1500);
  report.as_of = absl::FromUnixMicros(1'700'000'000'000'250);
  backend_777_.SetReport(report);
  grpc::ClientContext context;
  Authorize(&context, kOnly777);
  v1::ListChannelsResponse response;
  EXPECT_TRUE(stub_->ListChannels(&context, {}, &response).ok());
  EXPECT_EQ(Trailer(context, "chatgate-cost"), "0");
  EXPECT_EQ(Trailer(context, "chatgate-queued-ms"), "1500");
  EXPECT_EQ(Trailer(context, "chatgate-served-from"), "cache");
  EXPECT_EQ(Trailer(context, "chatgate-as-of"),
            "2023-11-14T22:13:20.00025+00:00");
}

TEST_F(UnaryTest, ARefusedCallTellsWhatItCost) {
  CallReport report;
  report.cost = 2;
  report.served_from = "upstream";
  backend_777_.SetReport(report);
  backend_777_.SetAnswer(MakeError("LookupError", "no such conversation"));
  grpc::ClientContext context;
  Authorize(&context, kOnly777);
  v1::ListChannelsResponse response;
  EXPECT_FALSE(stub_->ListChannels(&context, {}, &response).ok());
  EXPECT_EQ(Trailer(context, "chatgate-cost"), "2");
  EXPECT_EQ(Trailer(context, "chatgate-as-of"), "");
}

TEST_F(UnaryTest, TheClientsDeadlineReachesTheBackend) {
  grpc::ClientContext context;
  Authorize(&context, kOnly777);
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  v1::ListChannelsResponse response;
  EXPECT_TRUE(stub_->ListChannels(&context, {}, &response).ok());
  const absl::Duration left =
      backend_777_.seen()[0].context.deadline - absl::Now();
  EXPECT_GT(left, absl::Seconds(5));
  // gRPC carries a deadline as a rounded time that is left.
  EXPECT_LE(left, absl::Seconds(21));
}

TEST_F(UnaryTest, ACallWithoutDeadlineHasOneAllTheSame) {
  EXPECT_TRUE(Read(kReader).ok());
  EXPECT_LE(backend_777_.seen()[0].context.deadline - absl::Now(),
            absl::Seconds(60));
}

// The backend still writes into the response when the client has long gone.
TEST_F(UnaryTest, ACancelledCallLivesUntilTheBackendIsDone) {
  backend_777_.Hold();
  grpc::ClientContext context;
  std::thread caller([&] {
    Authorize(&context, kOnly777);
    v1::ListChannelsResponse response;
    EXPECT_THAT(ToAbsl(stub_->ListChannels(&context, {}, &response)),
                StatusIs(absl::StatusCode::kCancelled));
  });
  backend_777_.WaitForHeld(1);
  context.TryCancel();
  caller.join();
  backend_777_.Release();
}

// gRPC has two callback threads in all: a call that held one while it waits
// would freeze the streams.
TEST_F(UnaryTest, AThousandWaitingCallsDoNotFreezeStreams) {
  constexpr int kCalls = 1000;
  backend_777_.Hold();
  std::vector<grpc::ClientContext> contexts(kCalls);
  std::vector<v1::ListChannelsResponse> responses(kCalls);
  const v1::ListChannelsRequest request;
  grpc::CompletionQueue queue;
  std::vector<std::unique_ptr<
      grpc::ClientAsyncResponseReader<v1::ListChannelsResponse>>>
      calls(kCalls);
  std::vector<grpc::Status> statuses(kCalls);
  for (int i = 0; i < kCalls; ++i) {
    Authorize(&contexts[i], kOnly777);
    calls[i] = stub_->AsyncListChannels(&contexts[i], request, &queue);
    calls[i]->Finish(&responses[i], &statuses[i], nullptr);
  }
  backend_777_.WaitForHeld(kCalls);

  const auto stream = Subscribe();
  EXPECT_TRUE(stream->Next().has_heartbeat());
  const uint64_t seq = AddPart("while they wait");
  EXPECT_THAT(stream->NextSeqs(1), ::testing::ElementsAre(seq));

  backend_777_.Release();
  for (int i = 0; i < kCalls; ++i) {
    void* tag;
    bool ok;
    ASSERT_TRUE(queue.Next(&tag, &ok));
  }
  for (const grpc::Status& status : statuses) EXPECT_TRUE(status.ok());
  queue.Shutdown();
}

// Deleting one line of the list of overrides makes this test name it.
TEST_F(UnaryTest, EveryMethodIsImplemented) {
  const auto* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "chatgate.v1.ChatService");
  grpc::GenericStub generic(channel_);
  int unary = 0;
  for (int i = 0; i < service->method_count(); ++i) {
    const google::protobuf::MethodDescriptor* method = service->method(i);
    if (method->server_streaming()) continue;
    ++unary;
    grpc::ClientContext context;
    Authorize(&context, kOnly777);
    grpc::CompletionQueue queue;
    grpc::Slice nothing;
    const auto call = generic.PrepareUnaryCall(
        &context,
        absl::StrCat("/chatgate.v1.ChatService/", std::string(method->name())),
        grpc::ByteBuffer(&nothing, 1), &queue);
    call->StartCall();
    grpc::ByteBuffer response;
    grpc::Status status;
    call->Finish(&response, &status, nullptr);
    void* tag;
    bool ok;
    ASSERT_TRUE(queue.Next(&tag, &ok));
    // GetEvent needs to know which one.
    EXPECT_TRUE(status.ok() ||
                status.error_code() == grpc::StatusCode::INVALID_ARGUMENT)
        << method->name() << ": " << status.error_message();
  }
  EXPECT_EQ(unary, 22);
}

}  // namespace
}  // namespace chatgate
