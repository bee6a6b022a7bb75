// Any bytes as a JSON body, as a form body and as a repaired text. What could
// be read must be UTF-8, survive protobuf's own wire form, and be read again
// the same from what is written of it.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "chatgate/v1/chat_service.pb.h"
#include "server/base/utf8.h"
#include "server/json/form_reader.h"
#include "server/json/json_parser.h"
#include "server/json/json_reader.h"
#include "server/json/json_writer.h"

namespace chatgate {
namespace {

void Check(bool condition) {
  if (!condition) std::abort();
}

// The second reading is of the writer's text; the third must be like it.
template <typename T>
void CheckMessage(const T& message) {
  T wire;
  Check(wire.ParseFromString(message.SerializeAsString()));
  T second;
  Check(ReadJson(WriteJson(message), &second).ok());
  T third;
  Check(ReadJson(WriteJson(second, {.utf8 = true}), &third).ok());
  Check(WriteJson(second) == WriteJson(third));
}

template <typename T>
void CheckJson(absl::string_view json) {
  T message;
  if (ReadJson(json, &message).ok()) CheckMessage(message);
}

template <typename T>
void CheckForm(const FormFields& fields) {
  T message;
  if (ReadFields(fields, &message, {"token"}).ok()) CheckMessage(message);
}

}  // namespace
}  // namespace chatgate

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace chatgate;  // NOLINT: the one function of the program.
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  Check(IsUtf8(RepairJsonText(input)));
  CheckJson<v1::ConversationPart>(input);
  CheckJson<v1::Conversation>(input);
  CheckJson<v1::User>(input);
  CheckJson<v1::ChatlioTranscript>(input);
  CheckJson<v1::Event>(input);
  const absl::StatusOr<FormFields> fields = ParseForm(input);
  if (fields.ok()) {
    CheckForm<v1::DashlyConversation>(*fields);
    CheckForm<v1::DashlyEvent>(*fields);
    CheckForm<v1::ListUsersRequest>(*fields);
    CheckForm<v1::SetUserPropsRequest>(*fields);
  }
  return 0;
}
