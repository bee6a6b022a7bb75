#include "server/outbox/outbox_target.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

OutboxApp AppWith(const std::vector<std::string>& urls) {
  OutboxApp app{.app_id = 7, .webhook_token = "token", .webhooks = {}};
  for (const std::string& url : urls) app.webhooks.emplace_back().set_url(url);
  return app;
}

auto IsRefusedFor(const char* field) {
  return StatusIs(absl::StatusCode::kInvalidArgument,
                  AllOf(HasSubstr(field), Not(HasSubstr("s3cret"))));
}

TEST(CheckTargetsTest, KeepsTheOrderOfTheConfiguration) {
  ASSERT_OK_AND_ASSIGN(
      const std::vector<OutboxTarget> targets,
      CheckTargets({AppWith({"http://b.example/", "http://a.example/"})}));
  ASSERT_EQ(targets.size(), 2);
  EXPECT_EQ(targets[0].url.host, "b.example");
  EXPECT_EQ(targets[1].url.host, "a.example");
}

TEST(CheckTargetsTest, NamesTheFieldOfAWrongUrl) {
  EXPECT_THAT(CheckTargets({AppWith({"http://a.b/", "http://u:s3cret@a.b/"})}),
              IsRefusedFor("app 7: embedded.webhooks[1].url"));
}

TEST(CheckTargetsTest, RefusesAPrivateAddressInDigits) {
  EXPECT_THAT(CheckTargets({AppWith({"http://127.0.0.1/s3cret"})}),
              IsRefusedFor("webhooks[0].url"));
  OutboxApp app = AppWith({"http://127.0.0.1/s3cret"});
  app.webhooks[0].set_allow_private_address(true);
  EXPECT_THAT(CheckTargets({app}), IsOk());
}

TEST(CheckTargetsTest, RefusesAUrlTwiceInAnAppButNotInTwo) {
  EXPECT_THAT(CheckTargets({AppWith({"http://a.b/", "http://a.b/"})}),
              IsRefusedFor("webhooks[1].url"));
  OutboxApp other = AppWith({"http://a.b/"});
  other.app_id = 8;
  EXPECT_THAT(CheckTargets({AppWith({"http://a.b/"}), other}), IsOk());
}

TEST(CheckTargetsTest, RefusesMoreThan16Targets) {
  std::vector<std::string> urls;
  for (int i = 0; i < 16; ++i) {
    urls.push_back("http://a.b/" + std::to_string(i));
  }
  EXPECT_THAT(CheckTargets({AppWith(urls)}), IsOk());
  urls.push_back("http://a.b/16");
  EXPECT_THAT(CheckTargets({AppWith(urls)}), IsRefusedFor("webhooks"));
}

TEST(CheckTargetsTest, RefusesAnAppWithoutAToken) {
  OutboxApp app = AppWith({"http://a.b/"});
  app.webhook_token.clear();
  EXPECT_THAT(CheckTargets({app}), IsRefusedFor("webhook_token"));
}

TEST(CheckTargetsTest, RefusesWrongEventNames) {
  OutboxApp app = AppWith({"http://a.b/"});
  app.webhooks[0].add_event_names("");
  EXPECT_THAT(CheckTargets({app}), IsRefusedFor("webhooks[0].event_names"));
  app.webhooks[0].set_event_names(0, std::string(256, 'x'));
  EXPECT_THAT(CheckTargets({app}), IsRefusedFor("webhooks[0].event_names"));
  app.webhooks[0].set_event_names(0, std::string(255, 'x'));
  EXPECT_THAT(CheckTargets({app}), IsOk());
  app.webhooks[0].add_event_names(std::string(255, 'x'));
  EXPECT_THAT(CheckTargets({app}), IsRefusedFor("webhooks[0].event_names"));
}

TEST(CheckTargetsTest, RefusesMoreThanAHundredEventNames) {
  OutboxApp app = AppWith({"http://a.b/"});
  for (int i = 0; i < 100; ++i) {
    app.webhooks[0].add_event_names(std::to_string(i));
  }
  EXPECT_THAT(CheckTargets({app}), IsOk());
  app.webhooks[0].add_event_names("100");
  EXPECT_THAT(CheckTargets({app}), IsRefusedFor("webhooks[0].event_names"));
}

}  // namespace
}  // namespace chatgate
