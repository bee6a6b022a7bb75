#include "server/backend/method_table.h"

#include <memory>
#include <string>

#include "chatgate/v1/chat_service.pb.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/text_format.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const google::protobuf::ServiceDescriptor& ChatService() {
  return *v1::GetConversationRequest::descriptor()->file()->FindServiceByName(
      "ChatService");
}

MethodTable ChatTable() {
  absl::StatusOr<MethodTable> table = MethodTable::Build(ChatService());
  EXPECT_THAT(table, IsOk());
  return *table;
}

TEST(MethodTableTest, MirrorsTheTwentyMethodsOfChatService) {
  EXPECT_EQ(ChatTable().methods().size(), 20u);
}

TEST(MethodTableTest, FindsAMethodByItsRequestType) {
  const MethodTable table = ChatTable();
  const Method* reply =
      table.Find(v1::ReplyToConversationRequest::descriptor());
  ASSERT_NE(reply, nullptr);
  EXPECT_EQ(reply->name(), "ReplyToConversation");
  EXPECT_TRUE(reply->mutates());
  EXPECT_EQ(reply->rest.path(), "conversations/{conversation_id}/reply");
  EXPECT_FALSE(table.Find(v1::GetConversationRequest::descriptor())->mutates());
}

TEST(MethodTableTest, LeavesTheStreamToItsOwnCode) {
  EXPECT_EQ(ChatTable().Find(v1::SubscribeRequest::descriptor()), nullptr);
}

TEST(MethodTableTest, HasTheOrderOfTheProto) {
  EXPECT_EQ(ChatTable().methods().front().name(), "ListActiveUsers");
  EXPECT_EQ(ChatTable().methods().back().name(), "StartConversation");
}

// Services that are made at run time, with what is wrong in their rules.
class BrokenServiceTest : public ::testing::Test {
 protected:
  // `methods` is the text of MethodDescriptorProto fields.
  absl::Status Build(const std::string& methods) {
    google::protobuf::FileDescriptorProto file;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        R"pb(
              name: "broken.proto"
              package: "broken"
              syntax: "proto3"
              dependency: "chatgate/v1/options.proto"
              message_type {
                name: "Request"
                field {
                  name: "id"
                  number: 1
                  type: TYPE_UINT64
                  label: LABEL_OPTIONAL
                }
                field {
                  name: "ids"
                  number: 2
                  type: TYPE_UINT64
                  label: LABEL_REPEATED
                }
              }
              message_type { name: "OtherRequest" }
              message_type {
                name: "Response"
                field {
                  name: "item"
                  number: 1
                  type: TYPE_STRING
                  label: LABEL_OPTIONAL
                }
              }
        )pb" +
            ("service { name: 'Broken' " + methods + " }"),
        &file));
    // Dependencies come from the generated pool.
    pool_ = std::make_unique<google::protobuf::DescriptorPool>(
        google::protobuf::DescriptorPool::generated_pool());
    const auto* built = pool_->BuildFile(file);
    if (built == nullptr) return absl::InternalError("the proto is broken");
    return MethodTable::Build(*built->service(0)).status();
  }

  static std::string Rule(const std::string& name, const std::string& rule,
                          const std::string& more = "",
                          const std::string& request = "Request") {
    return "method { name: '" + name + "' input_type: '" + request +
           "' output_type: 'Response' " + more +
           " options { [chatgate.v1.rest] { " + rule + " } } }";
  }

  std::unique_ptr<google::protobuf::DescriptorPool> pool_;
};

constexpr char kGoodRule[] =
    "verb: POST path: 'x/{id}' priority: REPLY data: 'item'";

TEST_F(BrokenServiceTest, TakesAGoodRule) {
  EXPECT_THAT(Build(Rule("Good", kGoodRule)), IsOk());
}

TEST_F(BrokenServiceTest, RefusesAHoleThatIsNoField) {
  EXPECT_THAT(Build(Rule("A", "verb: POST path: 'x/{idd}' priority: REPLY")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("A hole `idd` is no field")));
}

TEST_F(BrokenServiceTest, RefusesAHoleThatIsAList) {
  EXPECT_THAT(Build(Rule("A", "verb: POST path: 'x/{ids}' priority: REPLY")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("`ids` is no single value")));
}

TEST_F(BrokenServiceTest, RefusesABraceWithoutItsPartner) {
  for (const char* path : {"x/{id", "x/id}", "x}{id}"}) {
    EXPECT_THAT(
        Build(Rule("A", "verb: POST priority: REPLY path: '" +
                            std::string(path) + "'")),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("brace")))
        << path;
  }
}

TEST_F(BrokenServiceTest, RefusesAnEmptyRule) {
  EXPECT_THAT(
      Build(Rule("A", "")),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("A has no verb"), HasSubstr("A has no priority"),
                     HasSubstr("A has no path"))));
}

TEST_F(BrokenServiceTest, RefusesTwoMethodsWithOneRequestType) {
  EXPECT_THAT(Build(Rule("A", kGoodRule) + Rule("B", kGoodRule)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("B has the request type of A")));
}

TEST_F(BrokenServiceTest, RefusesDataThatIsNoFieldOfTheResponse) {
  EXPECT_THAT(
      Build(Rule("A", "verb: POST path: 'x' priority: REPLY data: 'id'")),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("data `id` is no field of the response")));
}

TEST_F(BrokenServiceTest, RefusesAMirroredStream) {
  EXPECT_THAT(
      Build(Rule("A", kGoodRule, "server_streaming: true")),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("A streams")));
}

TEST_F(BrokenServiceTest, RefusesAReadThatIsNotIdempotent) {
  EXPECT_THAT(Build(Rule("A", "verb: GET path: 'x' priority: BULK")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("not idempotent")));
}

TEST_F(BrokenServiceTest, RefusesALeadingSlash) {
  EXPECT_THAT(Build(Rule("A", "verb: POST path: '/x' priority: REPLY")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("begins with a slash")));
}

TEST_F(BrokenServiceTest, NamesEveryProblemAtOnce) {
  EXPECT_THAT(Build(Rule("A", "verb: POST path: '{no}' priority: REPLY") +
                    Rule("B", "path: 'x' priority: REPLY", "", "OtherRequest")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("broken.Broken: A hole `no`"),
                             HasSubstr("; B has no verb"))));
}

TEST_F(BrokenServiceTest, RefusesAServiceThatMirrorsNothing) {
  EXPECT_THAT(Build("method { name: 'A' input_type: 'Request' "
                    "output_type: 'Response' }"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("no method is mirrored")));
}

}  // namespace
}  // namespace chatgate
