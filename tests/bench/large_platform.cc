#include "tests/bench/large_platform.h"

#include <future>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chatgate/v1/records.pb.h"
#include "server/base/clock.h"
#include "server/base/status_macros.h"
#include "server/event_log/event_tables.h"
#include "server/platform/schema.h"

namespace chatgate {
namespace {

constexpr uint64_t kApp = 777;
constexpr uint64_t kFirstId = LargePlatform::kFirstId;
constexpr int kBatch = 1000;

// What is imported: a lead, a conversation and its parts for each number.
class Filler {
 public:
  explicit Filler(LargePlatform& platform) : platform_(platform) {}

  absl::Status Fill(int conversations, int parts) {
    for (int i = 0; i < conversations; ++i) RETURN_IF_ERROR(AddUser(i));
    for (int i = 0; i < conversations; ++i) RETURN_IF_ERROR(AddTalk(i, parts));
    for (int round = 0; round < parts; ++round) {
      for (int i = 0; i < conversations; ++i) {
        RETURN_IF_ERROR(AddPart(i, round, parts));
      }
    }
    return Send();
  }

 private:
  absl::Status AddUser(int number) {
    v1::UserRecord& user = *request_.add_records()->mutable_user();
    user.set_id(kFirstId + number);
    user.mutable_create_time()->set_seconds(1'600'000'000 + number);
    user.mutable_last_seen_time()->set_seconds(1'600'000'000 + number);
    user.set_lead(true);
    (*user.mutable_props())["$name"].set_string_value(
        absl::StrCat("lead ", number));
    return SendIfFull();
  }

  absl::Status AddTalk(int number, int parts) {
    v1::ConversationRecord& record =
        *request_.add_records()->mutable_conversation();
    v1::Conversation& conversation = *record.mutable_conversation();
    conversation.set_id(kFirstId + number);
    conversation.set_created(1'600'000'000 + number);
    conversation.set_type("popup_chat");
    conversation.set_parts_count(parts);
    conversation.set_closed(number % 3 == 0);
    if (number % 2 == 0) conversation.mutable_assignee()->set_id(111);
    if (number % 1000 == 0) conversation.add_tags("rare");
    if (number % 5 == 0) conversation.mutable_channel()->set_id(5);
    record.set_user_id(kFirstId + number);
    record.mutable_last_update_time()->set_seconds(1'600'000'000 + number);
    record.set_listed(true);
    return SendIfFull();
  }

  absl::Status AddPart(int number, int round, int parts) {
    v1::PartRecord& record = *request_.add_records()->mutable_part();
    v1::ConversationPart& part = *record.mutable_part();
    part.set_id(kFirstId + uint64_t{100'000'000} +
                static_cast<uint64_t>(number) * parts + round);
    part.set_conversation(kFirstId + number);
    part.set_created(1'600'000'000 + number);
    part.set_type("reply_user");
    part.set_direction("u2a");
    part.set_body(absl::StrCat("part ", round, " of conversation ", number,
                               ": where is my order, please?"));
    part.mutable_sender()->set_user_id(kFirstId + number);
    record.set_last(round + 1 == parts);
    record.set_last_reply(round + 1 == parts);
    return SendIfFull();
  }

  absl::Status SendIfFull() {
    return request_.records_size() < kBatch ? absl::OkStatus() : Send();
  }

  absl::Status Send() {
    v1::ImportRecordsResponse response;
    RETURN_IF_ERROR(platform_.Call(request_, &response));
    if (response.imported() != request_.records_size()) {
      return absl::DataLossError("a record was there already");
    }
    request_.Clear();
    return absl::OkStatus();
  }

  LargePlatform& platform_;
  v1::ImportRecordsRequest request_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<LargePlatform>> LargePlatform::Open(
    const std::string& path) {
  auto platform = std::make_unique<LargePlatform>();
  StoreOptions options;
  options.path = path;
  ASSIGN_OR_RETURN(platform->store_,
                   Store::Open(options, {EventLogSchema(), PlatformSchema()}));
  ASSIGN_OR_RETURN(platform->log_, SqliteEventLog::Open(*platform->store_,
                                                        Clock::System(), {}));
  v1::AppConfig app;
  app.set_id(kApp);
  app.mutable_embedded()->add_admins()->set_id(111);
  app.mutable_embedded()->add_channels()->set_id(5);
  platform->platform_ = std::make_unique<EmbeddedPlatform>(
      *platform->store_, *platform->log_, Clock::System(),
      std::vector<v1::AppConfig>{app});
  return platform;
}

LargePlatform::~LargePlatform() {
  log_.reset();
  platform_.reset();
  store_.reset();
}

absl::Status LargePlatform::Call(const google::protobuf::Message& request,
                                 google::protobuf::Message* response) {
  CallContext context;
  context.app_id = kApp;
  std::promise<absl::Status> answered;
  platform_->Call(context, request, response, [&answered](absl::Status status) {
    answered.set_value(std::move(status));
  });
  return answered.get_future().get();
}

absl::Status LargePlatform::Fill(int conversations, int parts) {
  return Filler(*this).Fill(conversations, parts);
}

}  // namespace chatgate
