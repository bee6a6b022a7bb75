#include "tests/platform/platform_fixture.h"

#include <future>

#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"
#include "server/platform/schema.h"

namespace chatgate {

namespace {

std::vector<v1::AppConfig> Apps() {
  return {FromText<v1::AppConfig>(R"pb(
            id: 777
            name: "Demo"
            embedded {
              admins { id: 111 name: "inkov" avatar: "a.png" }
              admins { id: 222 name: "Helen" }
              channels { id: 5 name: "Site" }
            }
          )pb"),
          FromText<v1::AppConfig>("id: 888 name: 'Other' embedded {}")};
}

}  // namespace

std::string ErrorNameOf(const absl::Status& status) {
  return ErrorName(status);
}

std::string RefusedField(const absl::Status& status) {
  const std::vector<FieldViolation> violations = FieldViolations(status);
  return violations.size() == 1 ? violations[0].field : "";
}

PlatformTest::PlatformTest() { Open(); }

PlatformTest::~PlatformTest() {
  log_.reset();
  platform_.reset();
  store_.reset();
}

void PlatformTest::Open() {
  StoreOptions options;
  options.path = dir_.File("chatgate.db");
  options.reader_threads = 2;
  absl::StatusOr<std::unique_ptr<Store>> store =
      Store::Open(options, {EventLogSchema(), PlatformSchema()});
  ASSERT_THAT(store, IsOk());
  store_ = *std::move(store);
  absl::StatusOr<std::unique_ptr<SqliteEventLog>> log =
      SqliteEventLog::Open(*store_, clock_, {});
  ASSERT_THAT(log, IsOk());
  log_ = *std::move(log);
  platform_ = std::make_unique<EmbeddedPlatform>(*store_, *log_, clock_, Apps(),
                                                 limits_);
  log_->AddParticipant(*platform_);
}

void PlatformTest::Reopen() {
  log_.reset();
  platform_.reset();
  store_.reset();
  Open();
}

absl::Status PlatformTest::Call(const google::protobuf::Message& request,
                                google::protobuf::Message* response,
                                uint64_t app) {
  CallContext context;
  context.app_id = app;
  context.caller = "test";
  std::promise<absl::Status> answered;
  platform_->Call(context, request, response, [&answered](absl::Status status) {
    answered.set_value(std::move(status));
  });
  return answered.get_future().get();
}

uint64_t PlatformTest::StartConversation(const std::string& body,
                                         const std::string& site_id) {
  v1::StartConversationRequest request;
  request.set_user_id(site_id);
  request.set_by_user_id(true);
  request.set_body(body);
  const auto response = Ask<v1::StartConversationResponse>(request);
  EXPECT_THAT(response, IsOk());
  return response.ok() ? response->id() : 0;
}

absl::StatusOr<v1::ReplyToConversationResponse> PlatformTest::Reply(
    uint64_t conversation, const std::string& body, const std::string& more) {
  auto request = FromText<v1::ReplyToConversationRequest>(more);
  request.set_conversation_id(conversation);
  request.set_body(body);
  return Ask<v1::ReplyToConversationResponse>(request);
}

v1::Conversation PlatformTest::Conversation(uint64_t id) {
  v1::GetConversationRequest request;
  request.set_conversation_id(id);
  const auto response = Ask<v1::GetConversationResponse>(request);
  EXPECT_THAT(response, IsOk());
  return response.ok() ? response->conversation() : v1::Conversation();
}

std::vector<v1::ConversationPart> PlatformTest::Parts(uint64_t conversation) {
  v1::ListConversationPartsRequest request;
  request.set_conversation_id(conversation);
  request.set_page_size(50);
  const auto response = Ask<v1::ListConversationPartsResponse>(request);
  EXPECT_THAT(response, IsOk());
  if (!response.ok()) return {};
  return {response->parts().begin(), response->parts().end()};
}

v1::User PlatformTest::User(uint64_t id, const std::string& sections) {
  auto request = FromText<v1::GetUserRequest>(sections);
  request.set_user_id(absl::StrCat(id));
  const auto response = Ask<v1::GetUserResponse>(request);
  EXPECT_THAT(response, IsOk());
  return response.ok() ? response->user() : v1::User();
}

void PlatformTest::Assign(uint64_t conversation, uint64_t admin) {
  v1::AssignConversationRequest request;
  request.set_conversation_id(conversation);
  request.set_admin(admin);
  EXPECT_THAT(Ask<v1::AssignConversationResponse>(request), IsOk());
}

std::vector<uint64_t> PlatformTest::List(const std::string& arguments) {
  const auto response = Ask<v1::ListConversationsResponse>(
      FromText<v1::ListConversationsRequest>(arguments));
  EXPECT_THAT(response, IsOk());
  std::vector<uint64_t> ids;
  if (!response.ok()) return ids;
  for (const v1::Conversation& conversation : response->conversations())
    ids.push_back(conversation.id());
  return ids;
}

std::vector<v1::Event> PlatformTest::Events() {
  std::vector<v1::Event> events;
  const absl::StatusOr<EventBatch> batch = log_->ReadAfter(0, 10'000, 64 << 20);
  EXPECT_THAT(batch, IsOk());
  if (!batch.ok()) return events;
  for (const auto& record : batch->events) {
    v1::SubscribeResponse response;  // A slice is one of its `events`.
    EXPECT_TRUE(response.ParseFromString(std::string(record->slice)));
    events.push_back(response.events(0));
  }
  return events;
}

v1::Event PlatformTest::LastEvent() {
  const std::vector<v1::Event> events = Events();
  EXPECT_FALSE(events.empty());
  return events.empty() ? v1::Event() : events.back();
}

absl::StatusOr<Appended> PlatformTest::Webhook(
    const std::string& part_textproto, uint64_t app) {
  const auto part = FromText<v1::ConversationPart>(part_textproto);
  NewEvent added;
  added.event.set_app_id(app);
  added.event.set_source(v1::EVENT_SOURCE_DASHLY);
  added.event.set_conversation(absl::StrCat("dashly:", part.conversation()));
  *added.event.mutable_dashly_conversation()->mutable_conversation() = part;
  std::promise<absl::StatusOr<Appended>> answered;
  log_->Append(std::move(added),
               [&answered](absl::StatusOr<Appended> appended) {
                 answered.set_value(std::move(appended));
               });
  return answered.get_future().get();
}

}  // namespace chatgate
