#ifndef CHATGATE_TESTS_PLATFORM_PLATFORM_FIXTURE_H_
#define CHATGATE_TESTS_PLATFORM_PLATFORM_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chatgate/v1/chat_service.pb.h"
#include "chatgate/v1/events.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "server/event_log/sqlite_event_log.h"
#include "server/platform/embedded_platform.h"
#include "server/store/store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {

// The embedded platform on a real store and a real log in a fresh folder, with
// a clock that stands still. Two apps: 777 with the admins 111 and 222 and
// channel 5, and 888.
class PlatformTest : public ::testing::Test {
 protected:
  static constexpr uint64_t kApp = 777;
  static constexpr uint64_t kOtherApp = 888;

  PlatformTest();
  ~PlatformTest() override;

  // Closes everything and opens it again, as a restart does.
  void Reopen();

  // Calls a method of app 777, or of `app`, and waits.
  absl::Status Call(const google::protobuf::Message& request,
                    google::protobuf::Message* response, uint64_t app = kApp);
  template <typename Response, typename Request>
  absl::StatusOr<Response> Ask(const Request& request, uint64_t app = kApp) {
    Response response;
    const absl::Status status = Call(request, &response, app);
    if (!status.ok()) return status;
    return response;
  }

  // The methods of the story, in short. Those that return a value fail the test
  // on an error.
  uint64_t StartConversation(const std::string& body,
                             const std::string& site_id = "visitor");
  absl::StatusOr<v1::ReplyToConversationResponse> Reply(
      uint64_t conversation, const std::string& body,
      const std::string& more = "");
  v1::Conversation Conversation(uint64_t id);
  std::vector<v1::ConversationPart> Parts(uint64_t conversation);
  v1::User User(uint64_t id, const std::string& sections = "");
  void Assign(uint64_t conversation, uint64_t admin);
  std::vector<uint64_t> List(const std::string& arguments = "");

  // Every event of the log, oldest first; and the newest of them.
  std::vector<v1::Event> Events();
  v1::Event LastEvent();

  // Appends what a Dashly webhook told, as the receiver does.
  absl::StatusOr<Appended> Webhook(const std::string& part_textproto,
                                   uint64_t app = kApp);

  TempDir dir_;
  FakeClock clock_;
  PlatformLimits limits_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<EmbeddedPlatform> platform_;
  std::unique_ptr<SqliteEventLog> log_;

 private:
  void Open();
};

// A request from text; fails the test when the text is wrong.
template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message))
      << text;
  return message;
}

std::string ErrorNameOf(const absl::Status& status);
std::string RefusedField(const absl::Status& status);

// Matches a status by its name in the error table.
MATCHER_P(FailsAs, name, "") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString();
  return ErrorNameOf(status) == name;
}

// Matches a ValidationError that names `field`.
MATCHER_P(RefusesField, field, "") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString();
  return ErrorNameOf(status) == "ValidationError" &&
         RefusedField(status) == field;
}

}  // namespace chatgate

#endif  // CHATGATE_TESTS_PLATFORM_PLATFORM_FIXTURE_H_
