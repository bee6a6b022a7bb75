#include "absl/strings/str_cat.h"
#include "tests/platform/platform_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PropsTest : public PlatformTest {
 protected:
  // One operation on the lead `v`, whose value is text proto of a Value.
  v1::SetUserPropsResponse Do(const std::string& op, const std::string& key,
                              const std::string& value,
                              const std::string& site_id = "v") {
    v1::SetUserPropsRequest request;
    request.set_user_id(site_id);
    request.set_by_user_id(true);
    v1::PropOperation& operation = *request.add_operations();
    operation.set_op(op);
    operation.set_key(key);
    *operation.mutable_value() = FromText<google::protobuf::Value>(value);
    const auto response = Ask<v1::SetUserPropsResponse>(request);
    EXPECT_THAT(response, IsOk());
    return *response;
  }
  google::protobuf::Value Get(const std::string& key) {
    const auto response = Ask<v1::GetUserResponse>(FromText<v1::GetUserRequest>(
        "user_id: 'v' by_user_id: true props_custom: true"));
    const auto& fields = key[0] == '$'
                             ? response->user().props().fields()
                             : response->user().props_custom().fields();
    const auto it = fields.find(key);
    return it == fields.end() ? google::protobuf::Value() : it->second;
  }
  std::vector<std::string> List(const std::string& key) {
    std::vector<std::string> items;
    const google::protobuf::Value value = Get(key);  // Outlives the loop.
    for (const auto& item : value.list_value().values())
      items.push_back(item.string_value());
    return items;
  }
  // The one reason of the one operation that was not done.
  std::string Reason(const v1::SetUserPropsResponse& response) {
    EXPECT_THAT(response.affected_props(), IsEmpty());
    EXPECT_THAT(response.ignored_operations(), SizeIs(1));
    return response.ignored_operations_size() == 1
               ? response.ignored_operations(0).reason()
               : "";
  }
};

TEST_F(PropsTest, UpdateOrCreateSetsAndTellsWhatChanged) {
  const auto first = Do("update_or_create", "a", "string_value: 'x'");
  EXPECT_THAT(first.affected_props(), ElementsAre("a"));
  EXPECT_NE(first.id(), 0);
  EXPECT_EQ(first.app(), kApp);
  const auto again = Do("update_or_create", "a", "string_value: 'x'");
  EXPECT_THAT(again.affected_props(), IsEmpty());
  EXPECT_THAT(again.not_changed_props(), ElementsAre("a"));
  Do("update_or_create", "a", "bool_value: true");
  EXPECT_TRUE(Get("a").bool_value());
}

TEST_F(PropsTest, SetOnceSetsOnce) {
  Do("set_once", "a", "string_value: 'x'");
  EXPECT_EQ(Reason(Do("set_once", "a", "string_value: 'y'")),
            "the property is set already");
  EXPECT_EQ(Get("a").string_value(), "x");
}

TEST_F(PropsTest, AddCountsFromZeroAndDown) {
  Do("add", "a", "number_value: 3");
  Do("add", "a", "string_value: '4'");
  Do("add", "a", "number_value: -10");
  EXPECT_EQ(Get("a").number_value(), -3);
  EXPECT_EQ(Reason(Do("add", "a", "string_value: 'x'")),
            "the value must be a number");
}

TEST_F(PropsTest, AddNeverLeavesTheRangeOfNumbers) {
  Do("update_or_create", "a", "number_value: 9007199254740992");
  EXPECT_THAT(Reason(Do("add", "a", "number_value: 2")),
              ::testing::HasSubstr("2^53"));
  Do("update_or_create", "b", "string_value: 'x'");
  EXPECT_EQ(Reason(Do("add", "b", "number_value: 2")),
            "the property is no number");
}

TEST_F(PropsTest, DeleteRemovesAndAbsentIsNotChanged) {
  Do("update_or_create", "a", "number_value: 1");
  EXPECT_THAT(Do("delete", "a", "").affected_props(), ElementsAre("a"));
  EXPECT_FALSE(Get("a").has_number_value());
  EXPECT_THAT(Do("delete", "a", "").not_changed_props(), ElementsAre("a"));
}

TEST_F(PropsTest, ListsGrowAndShrink) {
  Do("append", "l", "string_value: 'a'");
  Do("append", "l", "string_value: 'a'");
  Do("union", "l", "string_value: 'b'");
  EXPECT_THAT(Do("union", "l", "string_value: 'b'").not_changed_props(),
              ElementsAre("l"));
  EXPECT_THAT(List("l"), ElementsAre("a", "a", "b"));
  Do("exclude", "l", "string_value: 'a'");
  EXPECT_THAT(List("l"), ElementsAre("b"));
  EXPECT_THAT(Do("exclude", "none", "string_value: 'a'").not_changed_props(),
              ElementsAre("none"));
  Do("update_or_create", "s", "string_value: 'x'");
  EXPECT_EQ(Reason(Do("append", "s", "string_value: 'y'")),
            "the property is no list");
}

TEST_F(PropsTest, ListsHoldThirtyItems) {
  for (int i = 0; i < 30; ++i)
    Do("append", "l", absl::StrCat("string_value: '", i, "'"));
  EXPECT_EQ(Reason(Do("append", "l", "string_value: 'x'")),
            "a list must have at most 30 items");
}

TEST_F(PropsTest, ValuesOutsideTheTypesAreIgnoredWithTheReason) {
  EXPECT_EQ(Reason(Do("update_or_create", "a", "string_value: ''")),
            "the value is empty");
  EXPECT_EQ(Reason(Do("update_or_create", "a", "null_value: NULL_VALUE")),
            "the value is empty");
  EXPECT_THAT(Reason(Do("update_or_create", "a", "number_value: 1e17")),
              ::testing::HasSubstr("2^53"));
  for (const char* number : {"nan", "inf", "-inf"}) {
    EXPECT_EQ(Reason(Do("update_or_create", "a",
                        absl::StrCat("number_value: ", number))),
              "is no finite number");
  }
  EXPECT_THAT(
      Reason(Do("update_or_create", "a",
                absl::StrCat("string_value: '", std::string(256, 'x'), "'"))),
      ::testing::HasSubstr("255"));
  EXPECT_NE(Reason(Do("update_or_create", "a", "struct_value {}")), "");
  EXPECT_EQ(Reason(Do("rename", "a", "number_value: 1")), "no such operation");
  EXPECT_NE(Reason(Do("update_or_create", "", "number_value: 1")), "");
}

TEST_F(PropsTest, SystemKeysAreAListOfTheirOwn) {
  EXPECT_THAT(
      Do("update_or_create", "$name", "string_value: 'Max'").affected_props(),
      ElementsAre("$name"));
  EXPECT_EQ(Reason(Do("update_or_create", "$nmae", "string_value: 'Max'")),
            "no such system property");
  EXPECT_EQ(Reason(Do("update_or_create", "$last_seen", "string_value: '1'")),
            "the platform keeps this property itself");
}

// Seen on the live service.
TEST_F(PropsTest, PhoneIsDigitsAlone) {
  EXPECT_THAT(Do("update_or_create", "$phone", "string_value: '+7900'")
                  .not_changed_props(),
              ElementsAre("$phone"));
  EXPECT_THAT(
      Do("update_or_create", "$phone", "string_value: '7900'").affected_props(),
      ElementsAre("$phone"));
}

TEST_F(PropsTest, SiteIdIsAPropertyThatNobodySharesOrLoses) {
  Do("update_or_create", "a", "number_value: 1", "other");
  EXPECT_EQ(Reason(Do("update_or_create", "$user_id", "string_value: 'other'")),
            "another user has this id already");
  Do("update_or_create", "$user_id", "string_value: 'w'");
  EXPECT_THAT(Ask<v1::GetUserResponse>(FromText<v1::GetUserRequest>(
                  "user_id: 'w' by_user_id: true")),
              IsOk());
}

TEST_F(PropsTest, OperationsRunInOrderAndBadOnesStopNothing) {
  v1::SetUserPropsRequest request;
  request.set_user_id("v");
  request.set_by_user_id(true);
  for (const char* op : {"add", "nonsense", "add"}) {
    v1::PropOperation& operation = *request.add_operations();
    operation.set_op(op);
    operation.set_key("a");
    operation.mutable_value()->set_number_value(1);
  }
  ASSERT_OK_AND_ASSIGN(const auto response,
                       Ask<v1::SetUserPropsResponse>(request));
  EXPECT_EQ(Get("a").number_value(), 2);
  EXPECT_THAT(response.affected_props(), ElementsAre("a"));
  ASSERT_THAT(response.ignored_operations(), SizeIs(1));
  EXPECT_EQ(response.ignored_operations(0).op(), "nonsense");
  EXPECT_EQ(response.ignored_operations(0).value().number_value(), 1);
}

TEST_F(PropsTest, OperationsAreOneTo250) {
  v1::SetUserPropsRequest request;
  request.set_user_id("v");
  request.set_by_user_id(true);
  EXPECT_THAT(Ask<v1::SetUserPropsResponse>(request),
              RefusesField("operations"));
  for (int i = 0; i < 250; ++i) {
    v1::PropOperation& operation = *request.add_operations();
    operation.set_op("add");
    operation.set_key("a");
    operation.mutable_value()->set_number_value(1);
  }
  EXPECT_THAT(Ask<v1::SetUserPropsResponse>(request), IsOk());
  *request.add_operations() = request.operations(0);
  EXPECT_THAT(Ask<v1::SetUserPropsResponse>(request),
              RefusesField("operations"));
  EXPECT_EQ(Get("a").number_value(), 250);
}

TEST_F(PropsTest, LeadHasALimitedNumberOfThem) {
  limits_.props_max = 2;
  Reopen();
  Do("add", "a", "number_value: 1");
  Do("add", "b", "number_value: 1");
  EXPECT_THAT(Reason(Do("add", "c", "number_value: 1")),
              ::testing::HasSubstr("2 properties"));
  EXPECT_THAT(Do("add", "b", "number_value: 1").affected_props(), SizeIs(1));
}

TEST_F(PropsTest, LeadHasALimitedNumberOfBytesOfThem) {
  limits_.props_bytes_max = 40;
  Reopen();
  const std::string half = "string_value: '1234567890123456'";
  EXPECT_THAT(Do("update_or_create", "a", half).affected_props(), SizeIs(1));
  EXPECT_THAT(Do("update_or_create", "b", half).affected_props(), SizeIs(1));
  EXPECT_THAT(Reason(Do("update_or_create", "c", "string_value: 'x'")),
              ::testing::HasSubstr("40 bytes in all"));
  EXPECT_THAT(Reason(Do("update_or_create", "a",
                        "string_value: '12345678901234567890'")),
              ::testing::HasSubstr("40 bytes in all"));
  // What is made shorter makes room.
  Do("update_or_create", "a", "string_value: 'x'");
  EXPECT_THAT(Do("update_or_create", "c", "string_value: 'x'").affected_props(),
              SizeIs(1));
}

TEST_F(PropsTest, RepeatedCallWithARequestIdAddsOnce) {
  auto request = FromText<v1::SetUserPropsRequest>(
      "user_id: 'v' by_user_id: true request_id: 'r' operations {"
      " op: 'add' key: 'a' value { number_value: 1 } }");
  ASSERT_THAT(Ask<v1::SetUserPropsResponse>(request), IsOk());
  ASSERT_THAT(Ask<v1::SetUserPropsResponse>(request), IsOk());
  EXPECT_EQ(Get("a").number_value(), 1);
}

}  // namespace
}  // namespace chatgate
