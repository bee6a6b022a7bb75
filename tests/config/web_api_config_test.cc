#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/config/config.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class WebApiConfigTest : public ::testing::Test {
 protected:
  // A file whose third line is what is inside `web_api`.
  absl::StatusOr<v1::Config> Load(
      const std::string& web_api,
      const std::string& token = "api_token { value: \"secret\" }") {
    return LoadConfig(dir_.Write(
        "gateway.conf", absl::StrCat("apps { id: 777 ", token, "\nweb_api {\n",
                                     web_api, "\n} }\n")));
  }
  std::string ProblemOf(const std::string& web_api) {
    const absl::Status status = Load(web_api).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument))
        << web_api;
    return std::string(status.message());
  }
  std::string ProblemWith(const std::string& more) {
    return ProblemOf(
        absl::StrCat("base_url: \"https://api.example/v1\"\n", more));
  }

  TempDir dir_;
};

TEST_F(WebApiConfigTest, DefaultsAreFilledIn) {
  ASSERT_OK_AND_ASSIGN(const v1::Config config,
                       Load("base_url: \"https://api.example/v1\""));
  const v1::WebApiConfig& web_api = config.apps(0).web_api();
  EXPECT_EQ(web_api.requests_per_minute(), 60u);
  EXPECT_EQ(web_api.reply_reserve(), 6u);
  EXPECT_EQ(web_api.waiting_max(), 1'000u);
  EXPECT_EQ(web_api.connect_timeout_ms(), 5'000);
  EXPECT_EQ(web_api.request_timeout_ms(), 20'000);
  EXPECT_EQ(web_api.connections_max(), 8);
  EXPECT_EQ(web_api.response_bytes_max(), 8 << 20);
}

TEST_F(WebApiConfigTest, SmallBudgetKeepsSomethingForTheOthers) {
  ASSERT_OK_AND_ASSIGN(
      const v1::Config config,
      Load("base_url: \"https://api.example/v1\" requests_per_minute: 1"));
  EXPECT_EQ(config.apps(0).web_api().reply_reserve(), 0u);
}

TEST_F(WebApiConfigTest, PlainHttpIsForLoopbackOrOnDemand) {
  EXPECT_THAT(Load("base_url: \"http://127.0.0.1:8080/v1\""), IsOk());
  EXPECT_THAT(Load("base_url: \"http://localhost/v1\""), IsOk());
  EXPECT_THAT(Load("base_url: \"http://[::1]:1/v1\""), IsOk());
  EXPECT_THAT(Load("base_url: \"http://x.example\" insecure: true"), IsOk());
  EXPECT_THAT(ProblemOf("base_url: \"http://x.example\""),
              HasSubstr(":3:1: base_url: everyone on the way"));
  EXPECT_THAT(ProblemOf("base_url: \"http://127.0.0.1.example/v1\""),
              HasSubstr(":3:1: base_url: everyone on the way"));
}

TEST_F(WebApiConfigTest, WrongUrlsAreNamed) {
  EXPECT_THAT(ProblemOf(""), HasSubstr(":2:1: base_url is required"));
  EXPECT_THAT(ProblemOf("base_url: \"ftp://x\""),
              HasSubstr(":3:1: base_url: "));
  EXPECT_THAT(ProblemOf("base_url: \"https://x/v1?a=b\""),
              HasSubstr(":3:1: base_url: a query"));
  EXPECT_THAT(ProblemOf("base_url: \"https://me:pw@x/v1\""),
              Not(HasSubstr("pw@")));
}

TEST_F(WebApiConfigTest, LimitsHaveLimits) {
  EXPECT_THAT(ProblemWith("requests_per_minute: 100001"),
              HasSubstr(":4:1: requests_per_minute is from 1 to 100000"));
  EXPECT_THAT(ProblemWith("reply_reserve: 60"),
              HasSubstr(":4:1: reply_reserve is less than"));
  EXPECT_THAT(ProblemWith("waiting_max: 100001"),
              HasSubstr(":4:1: waiting_max is from 1 to 100000"));
  EXPECT_THAT(ProblemWith("connect_timeout_ms: -1"),
              HasSubstr(":4:1: connect_timeout_ms is from 1 to 600000"));
  EXPECT_THAT(ProblemWith("request_timeout_ms: 600001"),
              HasSubstr(":4:1: request_timeout_ms is from 1 to 600000"));
  EXPECT_THAT(ProblemWith("connections_max: 65"),
              HasSubstr(":4:1: connections_max is from 1 to 64"));
  EXPECT_THAT(ProblemWith("response_bytes_max: 67108865"),
              HasSubstr(":4:1: response_bytes_max is from 1 to 67108864"));
}

TEST_F(WebApiConfigTest, TokenIsRequired) {
  EXPECT_THAT(
      Load("base_url: \"https://api.example/v1\"", "").status().message(),
      HasSubstr(":1:1: web_api needs an api_token"));
}

TEST_F(WebApiConfigTest, FilesAreFoundFromTheFilesFolder) {
  dir_.Write("ca.pem", "authorities");
  dir_.Write("proxy.url", "http://me:pw@proxy.example:3128\n");
  ASSERT_OK_AND_ASSIGN(
      const v1::Config config,
      Load("base_url: \"https://api.example/v1\" ca_file: \"ca.pem\" "
           "proxy { file: \"proxy.url\" }"));
  EXPECT_EQ(config.apps(0).web_api().ca_file(), dir_.File("ca.pem"));
  EXPECT_EQ(config.apps(0).web_api().proxy().value(),
            "http://me:pw@proxy.example:3128");
  EXPECT_THAT(ProblemWith("ca_file: \"none.pem\""),
              HasSubstr(":4:1: cannot read "));
}

}  // namespace
}  // namespace chatgate
