#include <memory>
#include <random>
#include <string>
#include <vector>

#include "chatgate/v1/events.pb.h"
#include "chatgate/v1/resources.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/json/json_reader.h"
#include "server/json/json_writer.h"
#include "tests/json/random_message.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

std::vector<std::string> MessageNames() {
  std::vector<std::string> names;
  for (const auto* file :
       {v1::User::descriptor()->file(), v1::Event::descriptor()->file()}) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      // A union is no object: it stands in its parent's field.
      if (file->message_type(i)->name() == "Sender") continue;
      names.push_back(file->message_type(i)->name());
    }
  }
  return names;
}

class JsonRoundTripTest : public ::testing::TestWithParam<std::string> {
 protected:
  JsonRoundTripTest() {
    const auto* type =
        v1::User::descriptor()->file()->pool()->FindMessageTypeByName(
            "chatgate.v1." + GetParam());
    prototype_ =
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(
            type);
  }

  // Writes and reads random messages.
  void CheckMessages(const JsonWriteOptions& options) {
    const unsigned seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    for (int i = 0; i < 200 && !HasFailure(); ++i) {
      const std::unique_ptr<Message> message(prototype_->New());
      const std::unique_ptr<Message> again(prototype_->New());
      FillRandomly(random, message.get());
      const std::string json = WriteJson(*message, options);
      ASSERT_THAT(ReadJson(json, again.get()), IsOk()) << json;
      MessageDifferencer differencer;
      std::string difference;
      differencer.ReportDifferencesToString(&difference);
      EXPECT_TRUE(differencer.Compare(*message, *again)) << difference << json;
    }
  }

  const Message* prototype_;
};

TEST_P(JsonRoundTripTest, ReadsWhatItWrites) { CheckMessages({}); }

TEST_P(JsonRoundTripTest, ReadsWhatItWritesWithIdsAsTextInUtf8) {
  CheckMessages({.ids_as_text = true, .utf8 = true});
}

INSTANTIATE_TEST_SUITE_P(Messages, JsonRoundTripTest,
                         ::testing::ValuesIn(MessageNames()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace chatgate
