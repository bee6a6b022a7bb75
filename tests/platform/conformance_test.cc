#include <set>
#include <string>

#include "server/platform/demo.h"
#include "server/platform/methods.h"
#include "tests/conformance/story.h"
#include "tests/platform/platform_fixture.h"

namespace chatgate {
namespace {

using ::google::protobuf::Message;
using ::testing::SizeIs;

using ConformanceTest = PlatformTest;

TEST_F(ConformanceTest, EveryMethodAnswersAsTheWebApi) {
  TellStory([this](const std::string&, const Message& request,
                   Message* response) { return Call(request, response); });
}

TEST_F(ConformanceTest, EveryMethodOfTheServiceIsServedAndTold) {
  std::set<std::string> told;
  for (const std::string& method : MethodsOfTheStory())
    told.insert(method + "Request");
  std::set<std::string> served;
  for (const platform::MethodRow& row : platform::Methods())
    served.insert(row.request->name());
  EXPECT_EQ(told, served);
  EXPECT_THAT(served, SizeIs(20));
}

TEST_F(ConformanceTest, RequestOfNoMethodIsNotServed) {
  v1::ListEventsResponse response;
  EXPECT_THAT(Call(v1::ListEventsRequest(), &response),
              FailsAs("METHOD_NOT_SERVED"));
}

TEST_F(ConformanceTest, UnknownAppIsDenied) {
  EXPECT_THAT(Ask<v1::ListChannelsResponse>(v1::ListChannelsRequest(), 999),
              FailsAs("PermissionDeniedError"));
}

TEST_F(ConformanceTest, ResponseOfAnotherMethodIsOurBug) {
  v1::GetUserResponse response;
  EXPECT_THAT(Call(v1::ListChannelsRequest(), &response), FailsAs("Error500"));
}

TEST_F(ConformanceTest, DemoIsMadeOnce) {
  ASSERT_THAT(FillDemoApp(*platform_, kApp), IsOk());
  ASSERT_THAT(FillDemoApp(*platform_, kApp), IsOk());
  Reopen();
  ASSERT_THAT(FillDemoApp(*platform_, kApp), IsOk());
  const std::vector<uint64_t> conversations =
      List("include_not_assigned: true closed: false");
  ASSERT_THAT(conversations, SizeIs(1));
  EXPECT_THAT(Parts(conversations[0]), SizeIs(2));
  ASSERT_OK_AND_ASSIGN(const auto users,
                       Ask<v1::ListUsersResponse>(v1::ListUsersRequest()));
  ASSERT_THAT(users.users(), SizeIs(1));
  EXPECT_EQ(users.users(0).props().fields().at("$name").string_value(),
            "Demo visitor");
}

TEST_F(ConformanceTest, DemoLeavesAnAppInUseAlone) {
  StartConversation("mine");
  ASSERT_THAT(FillDemoApp(*platform_, kApp), IsOk());
  EXPECT_THAT(List("include_not_assigned: true"), SizeIs(1));
}

}  // namespace
}  // namespace chatgate
