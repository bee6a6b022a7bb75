#include "absl/strings/str_cat.h"
#include "tests/platform/platform_fixture.h"

namespace chatgate {
namespace {

// Three leads, `a`, `b` and `c`, seen in this order; `c` has no properties.
class FiltersTest : public PlatformTest {
 protected:
  void SetUp() override {
    Set("a", "n", "number_value: 5");
    Set("a", "s", "string_value: 'Anna Lee'");
    Set("a", "b", "bool_value: true");
    Set("a", "d", "string_value: '2023-11-04T00:00:00'");
    Set("a", "l", "list_value { values { string_value: 'x' } }");
    clock_.AdvanceTime(absl::Seconds(1));
    Set("b", "n", "string_value: '10'");
    Set("b", "s", "string_value: 'Bob'");
    Set("b", "b", "bool_value: false");
    Set("b", "d", "string_value: '2023-11-14'");
    clock_.AdvanceTime(absl::Seconds(1));
    StartConversation("hi", "c");
  }
  void Set(const std::string& site_id, const std::string& key,
           const std::string& value) {
    v1::SetUserPropsRequest request;
    request.set_user_id(site_id);
    request.set_by_user_id(true);
    v1::PropOperation& operation = *request.add_operations();
    operation.set_op("update_or_create");
    operation.set_key(key);
    *operation.mutable_value() = FromText<google::protobuf::Value>(value);
    EXPECT_THAT(Ask<v1::SetUserPropsResponse>(request), IsOk());
  }
  absl::StatusOr<v1::ListUsersResponse> Users(const std::string& arguments) {
    return Ask<v1::ListUsersResponse>(
        FromText<v1::ListUsersRequest>(arguments));
  }
  // The site's ids of those who match, oldest first, as one text.
  std::string Names(const std::string& arguments) {
    const auto response = Users(arguments);
    EXPECT_THAT(response, IsOk());
    std::string names;
    if (!response.ok()) return "error";
    for (const v1::User& user : response->users()) names += user.user_id();
    return names;
  }
  std::string Match(const std::string& type, const std::string& property,
                    const std::string& value = "") {
    return Names(absl::StrCat("sort_order: 'asc' filters { filters { type: '",
                              type, "' property_name: '", property,
                              "' value { ", value, " } } }"));
  }
};

TEST_F(FiltersTest, LeadsComeLastSeenFirst) {
  EXPECT_EQ(Names(""), "cba");
  EXPECT_EQ(Names("sort_order: 'asc'"), "abc");
  EXPECT_EQ(Users("")->total(), 3);
}

TEST_F(FiltersTest, OffsetAndLimitCutAPage) {
  EXPECT_EQ(Names("offset: 1 page_size: 1"), "b");
  EXPECT_EQ(Names("offset: 3"), "");
  EXPECT_EQ(Users("offset: 1 page_size: 1")->total(), 3);
  EXPECT_EQ(Names("offset: 1 page_size: 1 sort_prop: 's'"), "a");
}

TEST_F(FiltersTest, SortsByAnyPropertyAndPutsTheUnsetLast) {
  EXPECT_EQ(Names("sort_prop: 's' sort_order: 'asc'"), "abc");
  EXPECT_EQ(Names("sort_prop: 's' sort_order: 'desc'"), "bac");
  EXPECT_EQ(Names("sort_prop: '$user_id' sort_order: 'desc'"), "cba");
}

TEST_F(FiltersTest, PersonWithoutAnyMarkOfALeadIsNone) {
  ASSERT_THAT(Webhook("id: 1 conversation: 2 type: 'reply_user'"
                      " direction: 'u2a' sender { user_id: 3 }"),
              IsOk());
  EXPECT_EQ(Users("")->total(), 4) << "a conversation makes a lead";
}

struct FilterCase {
  const char* type;
  const char* property;
  const char* value;
  const char* matches;
};

// Today is the 14th of November 2023, 22:13:22.
constexpr FilterCase kFilterCases[] = {
    {"known", "n", "", "ab"},
    {"unknown", "n", "", "c"},
    {"known", "$user_id", "", "abc"},
    {"gt", "n", "value { number_value: 5 }", "b"},
    {"gt", "n", "value { string_value: '4' }", "ab"},
    {"gt_or_unknown", "n", "value { number_value: 5 }", "bc"},
    {"lt", "n", "value { number_value: 10 }", "a"},
    {"lt_or_unknown", "n", "value { number_value: 10 }", "ac"},
    {"eq", "n", "value { number_value: 10 }", "b"},
    {"neq", "n", "value { number_value: 10 }", "ac"},
    {"range", "n", "value1 { number_value: 5 } value2 { number_value: 10 }",
     "ab"},
    {"range", "n", "value1 { number_value: 6 } value2 { number_value: 9 }", ""},
    {"str_eq", "s", "value { string_value: 'Bob' }", "b"},
    {"str_neq", "s", "value { string_value: 'Bob' }", "ac"},
    {"str_contains", "s", "value { string_value: 'Lee' }", "a"},
    {"str_notcontains", "s", "value { string_value: 'Lee' }", "bc"},
    {"bool_true", "b", "", "a"},
    {"bool_false", "b", "", "b"},
    {"lcontains", "l", "value { string_value: 'x' }", "a"},
    {"lcontains", "l", "value { string_value: 'y' }", ""},
    {"daysmore", "d", "value { number_value: 3 }", "a"},
    {"daysmore_or_unknown", "d", "value { number_value: 3 }", "ac"},
    {"daysless", "d", "value { number_value: 3 } unit: 'days'", "b"},
    {"daysless_or_unknown", "d", "value { string_value: '3' }", "bc"},
    {"daysless", "d", "value { number_value: 2 } unit: 'weeks'", "ab"},
    {"daysless", "d", "value { number_value: 23 } unit: 'hours'", "b"},
    {"daysless", "d", "value { number_value: 1 } unit: 'minutes'", ""},
};

TEST_F(FiltersTest, EveryTypeMatchesItsOwn) {
  for (const FilterCase& c : kFilterCases) {
    EXPECT_EQ(Match(c.type, c.property, c.value), c.matches)
        << c.type << " " << c.value;
  }
}

TEST_F(FiltersTest, AndNeedsAllAndOrNeedsOne) {
  const std::string conditions =
      " filters { type: 'known' property_name: 'n' }"
      " filters { type: 'bool_true' property_name: 'b' } }";
  EXPECT_EQ(Names("filters {" + conditions), "a");
  EXPECT_EQ(Names("filters { type: 'and'" + conditions), "a");
  EXPECT_EQ(Names("filters { type: 'or'" + conditions), "ba");
  EXPECT_EQ(Names("filters {}"), "cba");
}

TEST_F(FiltersTest, BadArgumentsAreNamed) {
  EXPECT_THAT(Users("filters { type: 'xor' }"), RefusesField("filters.type"));
  EXPECT_THAT(Users("filters { filters { property_name: 'a' } }"),
              RefusesField("filters.filters[0].type"));
  const auto unknown = Users("filters { filters { type: 'is' } }");
  for (const char* type : {"`known`, `unknown`, ", ", `daysless_or_unknown`"}) {
    EXPECT_THAT(unknown, StatusIs(absl::StatusCode::kInvalidArgument,
                                  ::testing::HasSubstr(type)));
  }
  EXPECT_THAT(Users("filters { filters { type: 'known' } }"),
              RefusesField("filters.filters[0].property_name"));
  EXPECT_THAT(Users("filters { filters { type: 'gt' property_name: 'a' } }"),
              RefusesField("filters.filters[0].value"));
  EXPECT_THAT(
      Users("filters { filters { type: 'daysless' property_name: 'a' value {"
            " value { number_value: 1 } unit: 'years' } } }"),
      RefusesField("filters.filters[0].value"));
  EXPECT_THAT(
      Users("filters { filters { type: 'daysless' property_name: 'a' value {"
            " value { number_value: 1e300 } } } }"),
      RefusesField("filters.filters[0].value"));
  EXPECT_THAT(Users("offset: -1"), RefusesField("offset"));
  EXPECT_THAT(Users("page_size: -1"), RefusesField("page_size"));
  EXPECT_THAT(Users("sort_order: 'up'"), RefusesField("sort_order"));
  std::string many;
  for (int i = 0; i < 101; ++i)
    many += " filters { type: 'known' property_name: 'n' }";
  EXPECT_THAT(Users("filters {" + many + "}"), RefusesField("filters.filters"));
}

TEST_F(FiltersTest, ListThatWouldExamineTooManyLeadsIsRefused) {
  limits_.leads_examined_max = 2;
  Reopen();
  EXPECT_THAT(Users("sort_prop: 's'"), FailsAs("BadRequest"));
  EXPECT_EQ(Users("")->total(), 3);
}

}  // namespace
}  // namespace chatgate
