// One file a call in tests/golden/rest, run through the codec in both
// directions.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "rest_case.pb.h"
#include "server/json/raw_json.h"
#include "server/rest_codec/envelope_reader.h"
#include "server/rest_codec/envelope_writer.h"
#include "server/rest_codec/form_body.h"
#include "server/rest_codec/json_body.h"
#include "server/rest_codec/request_writer.h"
#include "tests/rest_codec/codec_fixture.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

std::unique_ptr<Message> New(const Descriptor* type) {
  return std::unique_ptr<Message>(
      MessageFactory::generated_factory()->GetPrototype(type)->New());
}

bool Same(const Message& a, const Message& b) {
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

class GoldenTest : public CodecTest {
 protected:
  static std::vector<std::filesystem::path> Files() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(CHATGATE_GOLDEN_DIR)) {
      files.push_back(entry.path());
    }
    return files;
  }

  static test::RestCase Load(const std::filesystem::path& path) {
    std::ifstream file(path);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    test::RestCase golden;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &golden))
        << path;
    return golden;
  }

  template <typename Check>
  void ForEach(Check check) {
    for (const auto& file : Files()) {
      SCOPED_TRACE(file.filename());
      const test::RestCase golden = Load(file);
      const RestMethod method = MethodOf(golden.rpc());
      std::unique_ptr<Message> request =
          New(method.method().descriptor->input_type());
      ASSERT_TRUE(golden.request().UnpackTo(request.get()));
      check(golden, method, *request);
    }
  }

  // What fills the holes, decoded.
  static std::vector<std::string> Holes(const RestMethod& method,
                                        const std::string& path) {
    const std::vector<std::string> pieces = absl::StrSplit(path, '/');
    std::vector<std::string> holes;
    for (size_t i = 0; i < pieces.size(); ++i) {
      if (method.path()[i].hole == nullptr) continue;
      RestArguments decoded;
      EXPECT_THAT(AppendQueryArguments(pieces[i], &decoded), IsOk());
      holes.push_back(decoded.at(0).name);
    }
    return holes;
  }

  // The arguments of the wire never carry what is Chatgate's own.
  static void ClearOwn(Message* request) {
    const auto* field = request->GetDescriptor()->FindFieldByName("request_id");
    if (field != nullptr) request->GetReflection()->ClearField(request, field);
  }

  static void ExpectRead(const RestMethod& method, const test::RestCase& golden,
                         const RestArguments& arguments,
                         const Message& expected) {
    std::unique_ptr<Message> wanted(expected.New());
    wanted->CopyFrom(expected);
    ClearOwn(wanted.get());
    std::unique_ptr<Message> request(expected.New());
    ASSERT_THAT(ReadRequest(method, Holes(method, golden.path()), arguments,
                            request.get()),
                IsOk());
    EXPECT_TRUE(Same(*request, *wanted)) << request->DebugString();
  }
};

TEST_F(GoldenTest, EveryMethodHasAFileOfAnAnswerAndOneOfAnError) {
  std::set<std::string> answers;
  std::set<std::string> errors;
  for (const auto& file : Files()) {
    const test::RestCase golden = Load(file);
    (golden.error().empty() ? answers : errors).insert(golden.rpc());
  }
  EXPECT_EQ(table_.methods().size(), 20u);
  for (const Method& method : table_.methods()) {
    EXPECT_TRUE(answers.contains(method.name())) << method.name();
    EXPECT_TRUE(errors.contains(method.name())) << method.name();
  }
}

// The Web API's own names; the others never come from it.
TEST_F(GoldenTest, EveryErrorOfTheWebApiHasAFile) {
  std::set<std::string> errors;
  for (const auto& file : Files()) errors.insert(Load(file).error());
  for (const char* name :
       {"ValidationError", "LookupError", "PermissionDeniedError",
        "TooManyRequests", "Error404", "Error500", "NotAuthenticated",
        "BadRequest", "ReplyTooBig", "ConversationTagAlreadyAssigned",
        "ConversationTagIsNotAssigned", "AuthenticationFailed",
        "PermissionDenied", "MethodNotAllowed"}) {
    EXPECT_TRUE(errors.contains(name)) << name;
  }
}

TEST_F(GoldenTest, RequestsBecomeCalls) {
  ForEach([](const test::RestCase& golden, const RestMethod& method,
             const Message& request) {
    ASSERT_OK_AND_ASSIGN(const RestCall call, WriteRequest(method, request, 0));
    EXPECT_EQ(static_cast<int>(call.verb), static_cast<int>(golden.verb()));
    EXPECT_EQ(call.path, golden.path());
    std::vector<std::string> arguments;
    for (const auto& [name, value] : call.arguments) {
      arguments.push_back(absl::StrCat(name, "=", value));
    }
    std::vector<std::string> expected(golden.arguments().begin(),
                                      golden.arguments().end());
    expected.push_back("id_as_string=true");
    EXPECT_EQ(arguments, expected);
  });
}

TEST_F(GoldenTest, FormsBecomeRequests) {
  ForEach([](const test::RestCase& golden, const RestMethod& method,
             const Message& request) {
    ASSERT_OK_AND_ASSIGN(const RestCall call, WriteRequest(method, request, 0));
    RestArguments arguments;
    ASSERT_THAT(AppendFormArguments(call.Form(), &arguments), IsOk());
    ExpectRead(method, golden, arguments, request);
    arguments.clear();
    ASSERT_THAT(AppendQueryArguments(call.Form(), &arguments), IsOk());
    ExpectRead(method, golden, arguments, request);
  });
}

// In JSON lists and objects come bare or as text, numbers too.
TEST_F(GoldenTest, JsonBecomesRequests) {
  ForEach([](const test::RestCase& golden, const RestMethod& method,
             const Message& request) {
    std::string bare = "{";
    std::string text = "{";
    for (const std::string& argument : golden.arguments()) {
      const std::pair<std::string, std::string> split =
          absl::StrSplit(argument, absl::MaxSplits('=', 1));
      std::string name;
      AppendJsonString(split.first, true, &name);
      std::string value;
      AppendJsonString(split.second, true, &value);
      absl::StrAppend(&text, text.size() > 1 ? "," : "", name, ":", value);
      const bool is_bare =
          split.second.find_first_not_of("0123456789") == std::string::npos ||
          split.second == "true" || split.second == "false" ||
          split.second[0] == '{' || split.second[0] == '[';
      absl::StrAppend(&bare, bare.size() > 1 ? "," : "", name, ":",
                      is_bare ? split.second : value);
    }
    for (const std::string& json : {bare + "}", text + "}"}) {
      RestArguments arguments;
      ASSERT_THAT(AppendJsonArguments(json, &arguments), IsOk());
      ExpectRead(method, golden, arguments, request);
    }
  });
}

TEST_F(GoldenTest, RepliesBecomeResponsesOrErrors) {
  ForEach([](const test::RestCase& golden, const RestMethod& method,
             const Message&) {
    const std::unique_ptr<Message> response =
        New(method.method().descriptor->output_type());
    const int http_status =
        golden.reply_status() == 0 ? 200 : golden.reply_status();
    const absl::Status status =
        ReadEnvelope(method, http_status, golden.reply(), response.get());
    EXPECT_EQ(ErrorName(status), golden.error());
    if (!golden.error().empty()) {
      EXPECT_EQ(status.message(), golden.error_message());
      return;
    }
    ASSERT_THAT(status, IsOk());
    const std::unique_ptr<Message> expected(response->New());
    ASSERT_TRUE(golden.response().UnpackTo(expected.get()));
    EXPECT_TRUE(Same(*response, *expected)) << response->DebugString();
  });
}

TEST_F(GoldenTest, ResponsesAndErrorsBecomeReplies) {
  ForEach([](const test::RestCase& golden, const RestMethod& method,
             const Message&) {
    if (golden.error().empty()) {
      const std::unique_ptr<Message> response =
          New(method.method().descriptor->output_type());
      ASSERT_TRUE(golden.response().UnpackTo(response.get()));
      EXPECT_EQ(WriteEnvelope(method, *response, false), golden.reply());
      return;
    }
    // An error goes the whole way round.
    const std::unique_ptr<Message> response =
        New(method.method().descriptor->output_type());
    const absl::Status status = ReadEnvelope(method, golden.reply_status(),
                                             golden.reply(), response.get());
    const RestError error = WriteError(status, &method);
    EXPECT_EQ(error.http_status, golden.reply_status());
    EXPECT_EQ(error.body, golden.reply());
  });
}

}  // namespace
}  // namespace chatgate
