// Objects as the platforms send them, one file each in tests/golden/json, named
// after the message that they are: `User.full.json` is a chatgate.v1.User.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "chatgate/v1/chat_service.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/json/json_reader.h"
#include "server/json/json_writer.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::vector<std::string> SampleNames() {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(CHATGATE_GOLDEN_DIR)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Names of what was kept as unknown, anywhere in the message.
void CollectUnknown(const Message& message, std::vector<std::string>* unknown) {
  std::vector<const FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->name() == "unknown_fields_json") {
      unknown->push_back(message.GetDescriptor()->name() + ": " +
                         reflection->GetString(message, field));
    } else if (field->message_type() != nullptr && field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        CollectUnknown(reflection->GetRepeatedMessage(message, field, i),
                       unknown);
      }
    } else if (field->message_type() != nullptr) {
      CollectUnknown(reflection->GetMessage(message, field), unknown);
    }
  }
}

class JsonSamplesTest : public ::testing::TestWithParam<std::string> {
 protected:
  JsonSamplesTest() {
    // Linking the service's messages brings all others.
    const auto* pool = v1::ListUsersResponse::descriptor()->file()->pool();
    const auto* type = pool->FindMessageTypeByName(
        "chatgate.v1." + GetParam().substr(0, GetParam().find('.')));
    if (type == nullptr) return;
    auto* factory = google::protobuf::MessageFactory::generated_factory();
    message_.reset(factory->GetPrototype(type)->New());
    again_.reset(message_->New());
    std::ifstream file(CHATGATE_GOLDEN_DIR "/" + GetParam());
    json_.assign(std::istreambuf_iterator<char>(file), {});
  }

  std::string json_;
  std::unique_ptr<Message> message_;
  std::unique_ptr<Message> again_;
};

TEST_P(JsonSamplesTest, IsReadWithNothingLeftOver) {
  ASSERT_NE(message_, nullptr);
  ASSERT_THAT(ReadJson(json_, message_.get()), IsOk());
  std::vector<std::string> unknown;
  CollectUnknown(*message_, &unknown);
  EXPECT_THAT(unknown, ::testing::IsEmpty());
}

TEST_P(JsonSamplesTest, IsTheSameAfterWritingAndReading) {
  ASSERT_NE(message_, nullptr);
  ASSERT_THAT(ReadJson(json_, message_.get()), IsOk());
  ASSERT_THAT(ReadJson(WriteJson(*message_), again_.get()), IsOk());
  EXPECT_TRUE(
      google::protobuf::util::MessageDifferencer::Equals(*message_, *again_))
      << WriteJson(*message_);
}

INSTANTIATE_TEST_SUITE_P(Samples, JsonSamplesTest,
                         ::testing::ValuesIn(SampleNames()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace chatgate
