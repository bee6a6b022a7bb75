#include <sys/stat.h>

#include <fstream>

#include "server/config/config.h"
#include "server/config/read_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

class DemoConfigTest : public ::testing::Test {
 protected:
  v1::Config Demo() {
    v1::Config config = *DemoConfig({.data_dir = dir_.path()});
    EXPECT_THAT(FillSecrets(/*demo=*/true, &config), IsOk());
    return config;
  }

  TempDir dir_;
};

TEST_F(DemoConfigTest, HasOneWorkspaceOnLoopback) {
  const v1::Config config = Demo();
  EXPECT_EQ(config.grpc().listen(), "127.0.0.1:50051");
  ASSERT_EQ(config.apps_size(), 1);
  EXPECT_EQ(config.apps(0).id(), 777u);
  EXPECT_EQ(config.apps(0).embedded().admins(0).name(), "inkov");
  EXPECT_EQ(config.apps(0).embedded().channels(0).type(), "manual");
}

TEST_F(DemoConfigTest, SecretsAreMadeOnceAndKeptForTheOwnerAlone) {
  const v1::Config first = Demo();
  const v1::Config second = Demo();
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
  for (const char* name : {"caller.token", "api-777.token", "webhook-777.token",
                           "chatlio-777.secret"}) {
    struct stat info;
    ASSERT_EQ(stat(dir_.File(name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << name;
  }
}

TEST_F(DemoConfigTest, TheLocalCallerMayDoEverything) {
  const v1::Config config = Demo();
  ASSERT_EQ(config.callers_size(), 1);
  EXPECT_EQ(config.callers(0).name(), "local");
  EXPECT_EQ(config.callers(0).role(), v1::ADMIN);
  EXPECT_TRUE(config.callers(0).app_ids().empty());
}

TEST_F(DemoConfigTest, GivenSecretsStay) {
  v1::Config config = *DemoConfig({.data_dir = dir_.path()});
  config.mutable_apps(0)->mutable_webhook_token()->set_value("given");
  EXPECT_THAT(FillSecrets(/*demo=*/false, &config), IsOk());
  EXPECT_EQ(config.apps(0).webhook_token().value(), "given");
  EXPECT_FALSE(config.apps(0).has_chatlio_secret());
  EXPECT_THAT(ReadConfigFile(dir_.File("webhook-777.token")),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(DemoConfigTest, AKeptSecretIsHeldToTheRulesOfOthers) {
  for (const std::string text :
       {"~", "1234567\n", "two-words\nof-a-file\n", "caf\u00e9-token-x"}) {
    const std::string path = dir_.File("caller.token");
    std::ofstream(path) << text;
    v1::Config config = *DemoConfig({.data_dir = dir_.path()});
    const absl::Status status = FillSecrets(/*demo=*/true, &config);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                                 ::testing::StartsWith(path)))
        << text;
    EXPECT_THAT(std::string(status.message()),
                ::testing::Not(::testing::HasSubstr(text)));
  }
}

TEST_F(DemoConfigTest, AFlagCannotOpenTheDemoToTheWorld) {
  EXPECT_THAT(DemoConfig({.grpc_listen = "0.0.0.0:1"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       ::testing::StartsWith("--grpc_listen: ")));
}

}  // namespace
}  // namespace chatgate
