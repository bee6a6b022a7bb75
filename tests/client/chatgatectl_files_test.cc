// Commands that send what files hold.
#include <httplib.h>

#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/base/mutex.h"
#include "tests/client/chatgatectl_fixture.h"

namespace chatgate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(ChatgatectlTest, ImportNamesTheLineThatIsNoRecord) {
  const std::string file = dir_.Write("records", "{}\nno json\n");
  const Outcome outcome = Run({"import", file});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output,
              AllOf(HasSubstr("line 2: is no record: "), Not(HasSubstr("^"))));
}

// Takes webhooks as the gateway would.
class IngestTest : public ChatgatectlTest {
 protected:
  IngestTest() {
    web_.Post("/webhooks/.*", [this](const httplib::Request& request,
                                     httplib::Response& response) {
      const absl::string_view path = request.path;
      MutexLock lock(mu_);
      seen_ += absl::StrCat(path, " ", request.get_header_value("Content-Type"),
                            " ", request.body, "\n");
      response.status = request.body == "bad" ? 400 : 200;
      response.set_content("{\"ok\":1}\n", "application/json");
    });
    port_ = web_.bind_to_any_port("127.0.0.1");
    listener_ = std::thread([this] { web_.listen_after_bind(); });
    // A stop before that would be forgotten.
    while (!web_.is_running()) std::this_thread::yield();
  }
  ~IngestTest() override {
    web_.stop();
    listener_.join();
  }
  std::string Http() const { return absl::StrCat("127.0.0.1:", port_); }

  std::string seen() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return seen_;
  }

  httplib::Server web_;
  int port_ = 0;
  Mutex mu_;
  std::string seen_ ABSL_GUARDED_BY(mu_);
  std::thread listener_;
};

TEST_F(IngestTest, PostsFilesInOrderWithTheTypeOfTheirEnding) {
  const std::string form = dir_.Write("a.form", "token=x");
  const std::string json = dir_.Write("b.json", "{}");
  const Outcome outcome = Run({"ingest", form, json, "--http", Http()});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.output,
            absl::StrCat(form, " 200 {\"ok\":1}\n", json, " 200 {\"ok\":1}\n"));
  web_.stop();
  EXPECT_EQ(seen(),
            "/webhooks/dashly application/x-www-form-urlencoded token=x\n"
            "/webhooks/dashly application/json {}\n");
}

TEST_F(IngestTest, PathAndTypeCanBeGiven) {
  const std::string file = dir_.Write("a", "{}");
  const Outcome outcome =
      Run({"ingest", file, "--http", Http(), "--path",
           "/webhooks/chatlio/secret/feedback", "--type", "application/json"});
  EXPECT_EQ(outcome.exit_code, 0);
  web_.stop();
  EXPECT_EQ(seen(), "/webhooks/chatlio/secret/feedback application/json {}\n");
}

TEST_F(IngestTest, AnswerOtherThan200EndsWithOne) {
  const std::string bad = dir_.Write("bad.form", "bad");
  const std::string good = dir_.Write("good.form", "good");
  const Outcome outcome = Run({"ingest", bad, good, "--http", Http()});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output,
              AllOf(HasSubstr("bad.form 400"), HasSubstr("good.form 200")));
}

TEST_F(IngestTest, MissingFileIsNamed) {
  const Outcome outcome = Run({"ingest", "/nowhere/x", "--http", Http()});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("/nowhere/x"));
}

TEST_F(IngestTest, ListenerThatIsNotThereEndsWithFour) {
  const std::string file = dir_.Write("a.form", "x");
  const Outcome outcome = Run({"ingest", file, "--http", "127.0.0.1:1"});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_THAT(outcome.output,
              AllOf(HasSubstr("--http"), Not(HasSubstr("--server"))));
}

TEST_F(IngestTest, AddressWithASchemeIsRefused) {
  const std::string file = dir_.Write("a.form", "x");
  const Outcome outcome =
      Run({"ingest", file, "--http", absl::StrCat("http://", Http())});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.output, HasSubstr("without http://"));
}

}  // namespace
}  // namespace chatgate
