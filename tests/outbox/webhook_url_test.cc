#include "server/outbox/webhook_url.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(WebhookUrlTest, SplitsAnAddressIntoItsParts) {
  ASSERT_OK_AND_ASSIGN(
      const WebhookUrl url,
      ParseWebhookUrl("https://Hooks.Example.com:8443/a/b/?key=v&x=%20"));
  EXPECT_TRUE(url.tls);
  EXPECT_EQ(url.host, "hooks.example.com");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.path, "/a/b/?key=v&x=%20");
  EXPECT_EQ(url.Authority(), "hooks.example.com:8443");
}

TEST(WebhookUrlTest, TakesTheSchemesPortAndTheRootWhereNoneIsGiven) {
  ASSERT_OK_AND_ASSIGN(const WebhookUrl plain, ParseWebhookUrl("http://a.b"));
  EXPECT_EQ(plain.port, 80);
  EXPECT_EQ(plain.path, "/");
  EXPECT_EQ(plain.Authority(), "a.b");
  ASSERT_OK_AND_ASSIGN(const WebhookUrl tls, ParseWebhookUrl("HTTPS://a.b?q"));
  EXPECT_EQ(tls.port, 443);
  EXPECT_EQ(tls.path, "/?q");
}

TEST(WebhookUrlTest, ReadsAnIpv6AddressInBrackets) {
  ASSERT_OK_AND_ASSIGN(const WebhookUrl url,
                       ParseWebhookUrl("http://[2001:db8::1]:81/x"));
  EXPECT_EQ(url.host, "2001:db8::1");
  EXPECT_EQ(url.Authority(), "[2001:db8::1]:81");
}

TEST(WebhookUrlTest, ShowsNothingOfPathAndQuery) {
  ASSERT_OK_AND_ASSIGN(const WebhookUrl url,
                       ParseWebhookUrl("https://a.b/s3cret?token=s3cret"));
  EXPECT_EQ(url.Redacted(), "https://a.b/...");
}

class WrongUrlTest : public ::testing::TestWithParam<const char*> {};

TEST_P(WrongUrlTest, IsRefusedWithoutBeingRepeated) {
  const absl::StatusOr<WebhookUrl> url = ParseWebhookUrl(GetParam());
  EXPECT_THAT(url, StatusIs(absl::StatusCode::kInvalidArgument,
                            Not(HasSubstr("s3cret"))));
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongUrlTest,
    ::testing::Values("", "s3cret", "ftp://a.b/s3cret", "//a.b/", "http://",
                      "http:///s3cret", "http://user:s3cret@a.b/",
                      "http://@a.b/", "http://a.b/#s3cret", "http://a.b:0/",
                      "http://a.b:65536/", "http://a.b:-1/", "http://a.b:+80/",
                      "http://a.b:/", "http://a.b:80x/", "http://a b/",
                      "http://a.b/s3 cret", "http://a.b/\r\nHost: c",
                      "http://a.b\\@c/", "http://[::1", "http://[s3cret]/",
                      "http://[::1]x/",
                      "http://b\xC3\xBC"
                      "cher.example/",
                      "http://a%2eb/"));

TEST(WebhookUrlTest, RefusesMoreThan2048Bytes) {
  const std::string start = "http://a.b/";
  EXPECT_THAT(ParseWebhookUrl(start + std::string(2048 - start.size(), 'x')),
              IsOk());
  EXPECT_THAT(ParseWebhookUrl(start + std::string(2049 - start.size(), 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace chatgate
