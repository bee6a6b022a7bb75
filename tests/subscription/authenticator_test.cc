#include "server/subscription/authenticator.h"

#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

class AuthenticatorTest : public ::testing::Test {
 protected:
  // Name of the caller that a header proves; empty when none.
  std::string Caller(absl::string_view authorization) {
    const auto caller = authenticator_.Authenticate(authorization);
    return caller.ok() ? (*caller)->name : "";
  }

  const Authenticator authenticator_{
      {{{"first", v1::READER, {}}, "first-token"},
       {{"second", v1::WRITER, {7}}, "second-token"}}};
};

TEST_F(AuthenticatorTest, FindsTheCallerOfAToken) {
  EXPECT_EQ(Caller("Bearer first-token"), "first");
  EXPECT_EQ(Caller("Bearer second-token"), "second");
}

TEST_F(AuthenticatorTest, TheSchemesLetterCaseDoesNotMatter) {
  EXPECT_EQ(Caller("bearer first-token"), "first");
  EXPECT_EQ(Caller("BEARER first-token"), "first");
}

TEST_F(AuthenticatorTest, EverythingElseIsUnauthenticated) {
  for (const char* header :
       {"", "Bearer", "Bearer ", "first-token", "Basic first-token",
        "Bearer First-token", "Bearer first-toke", "Bearer first-tokenn",
        "Bearer first-token second-token"}) {
    EXPECT_THAT(authenticator_.Authenticate(header),
                StatusIs(absl::StatusCode::kUnauthenticated))
        << header;
  }
}

// The caller may have come over gRPC or HTTP.
TEST_F(AuthenticatorTest, SaysHowToSendATokenEitherWay) {
  EXPECT_THAT(authenticator_.Authenticate("Basic first-token"),
              StatusIs(absl::StatusCode::kUnauthenticated,
                       "send `authorization: Bearer TOKEN`, as metadata or "
                       "header"));
}

TEST_F(AuthenticatorTest, WithoutCallersNobodyIsLetIn) {
  EXPECT_THAT(Authenticator({}).Authenticate("Bearer "),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST(CheckRoleTest, EachRoleMayDoWhatTheOneBeforeMay) {
  const Caller writer{"writer", v1::WRITER, {}};
  EXPECT_THAT(CheckRole(writer, v1::READER), IsOk());
  EXPECT_THAT(CheckRole(writer, v1::WRITER), IsOk());
  EXPECT_THAT(CheckRole(writer, v1::ADMIN),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST(CallerTest, WithoutAppsACallerMayUseEveryOne) {
  EXPECT_TRUE((Caller{"a", v1::READER, {}}.MayUse(5)));
  EXPECT_TRUE((Caller{"a", v1::READER, {5}}.MayUse(5)));
  EXPECT_FALSE((Caller{"a", v1::READER, {5}}.MayUse(6)));
}

}  // namespace
}  // namespace chatgate
