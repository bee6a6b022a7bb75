#include "tests/service/service_fixture.h"

#include "absl/strings/str_cat.h"
#include "chatgate_wire/rpc_status.pb.h"

namespace chatgate {

absl::Status ToAbsl(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
}

namespace {

// The first detail of a type, or an empty one.
template <typename Detail>
Detail DetailOf(const grpc::Status& status, const std::string& type) {
  wire::Status details;
  details.ParseFromString(status.error_details());
  for (const auto& any : details.details()) {
    Detail detail;
    if (any.type_url() ==
            absl::StrCat("type.googleapis.com/google.rpc.", type) &&
        detail.ParseFromString(any.value())) {
      return detail;
    }
  }
  return Detail();
}

}  // namespace

std::string ReasonOf(const grpc::Status& status) {
  return DetailOf<wire::ErrorInfo>(status, "ErrorInfo").reason();
}

std::string FieldOf(const grpc::Status& status) {
  const auto bad = DetailOf<wire::BadRequest>(status, "BadRequest");
  return bad.field_violations().empty() ? "" : bad.field_violations(0).field();
}

void Authorize(grpc::ClientContext* context, const std::string& token) {
  if (!token.empty()) {
    context->AddMetadata("authorization", absl::StrCat("Bearer ", token));
  }
}

TestStream::TestStream(v1::ChatService::Stub& stub, const std::string& token,
                       const v1::SubscribeRequest& request) {
  Authorize(&context_, token);
  reader_ = stub.Subscribe(&context_, request);
}

TestStream::~TestStream() { context_.TryCancel(); }

v1::SubscribeResponse TestStream::Next() {
  v1::SubscribeResponse response;
  if (!reader_->Read(&response)) response.Clear();
  return response;
}

std::vector<uint64_t> TestStream::NextSeqs(size_t count) {
  std::vector<uint64_t> seqs;
  v1::SubscribeResponse response;
  while (seqs.size() < count && reader_->Read(&response)) {
    for (const v1::Event& event : response.events()) {
      seqs.push_back(event.seq());
    }
  }
  return seqs;
}

ServiceFixture::ServiceFixture(const ChatServiceOptions& options, int queues)
    : hub_(Hub::Create(0)) {
  log_.OnHead([this](uint64_t head) { hub_->SetHead(head); });
  Authenticator authenticator({{{"reader", v1::READER, {}}, kReader},
                               {{"writer", v1::WRITER, {}}, kWriter},
                               {{"only-777", v1::WRITER, {777}}, kOnly777},
                               {{"no-app", v1::WRITER, {999}}, kNoApp}});
  service_ = *ChatService::Create(std::move(authenticator),
                                  {{777, &backend_777_}, {888, &backend_888_}},
                                  log_, *hub_, clock_, options);
  server_ = *GrpcServer::Start({.listen = "127.0.0.1:0", .queues = queues},
                               {&service_->service()});
  server_->SetServing(true);
  channel_ = server_->InProcessChannel();
  stub_ = v1::ChatService::NewStub(channel_);
}

ServiceFixture::~ServiceFixture() {
  log_.Unblock();
  service_->Stop(absl::Seconds(1));
  server_->Shutdown(absl::ZeroDuration());
}

uint64_t ServiceFixture::AddPart(const std::string& body, uint64_t app_id,
                                 const std::string& direction) {
  v1::Event event;
  event.set_app_id(app_id);
  event.set_source(v1::EVENT_SOURCE_DASHLY);
  event.set_conversation("dashly:5");
  v1::ConversationPart* part =
      event.mutable_dashly_conversation()->mutable_conversation();
  part->set_body(body);
  part->set_direction(direction);
  part->set_type("reply_user");
  event.set_raw(absl::StrCat("raw of ", body));
  return log_.Add(std::move(event));
}

std::unique_ptr<TestStream> ServiceFixture::Subscribe(
    const v1::SubscribeRequest& request, const std::string& token) {
  return std::make_unique<TestStream>(*stub_, token, request);
}

grpc::Status ServiceFixture::SubscribeError(const v1::SubscribeRequest& request,
                                            const std::string& token) {
  const auto stream = Subscribe(request, token);
  EXPECT_FALSE(stream->Next().has_heartbeat());
  return stream->Finish();
}

v1::SubscribeRequest ServiceFixture::From(v1::Start start) {
  v1::SubscribeRequest request;
  request.set_start(start);
  return request;
}

}  // namespace chatgate
