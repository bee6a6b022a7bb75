// Any bytes as the arguments of a call (query, form, multipart, JSON) for every
// method, and as the platform's answer to it. A request that was read must
// survive protobuf's wire form, and what is written of it must be read again
// the same; an answer that was read must be written without a crash.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "chatgate/v1/chat_service.pb.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/backend/method_table.h"
#include "server/rest_codec/envelope_reader.h"
#include "server/rest_codec/envelope_writer.h"
#include "server/rest_codec/form_body.h"
#include "server/rest_codec/json_body.h"
#include "server/rest_codec/request_reader.h"
#include "server/rest_codec/request_writer.h"

namespace chatgate {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

void Check(bool condition) {
  if (!condition) std::abort();
}

std::unique_ptr<Message> New(const Descriptor* type) {
  return std::unique_ptr<Message>(
      MessageFactory::generated_factory()->GetPrototype(type)->New());
}

const std::vector<RestMethod>& Methods() {
  static const auto& methods = *[] {
    static const auto& table = *new MethodTable(
        MethodTable::Build(
            *v1::ListUsersRequest::descriptor()->file()->FindServiceByName(
                "ChatService"))
            .value());
    auto* all = new std::vector<RestMethod>();
    for (const Method& method : table.methods()) all->emplace_back(method);
    return all;
  }();
  return methods;
}

void CheckRequest(const RestMethod& method, const RestArguments& arguments) {
  const auto request = New(method.method().descriptor->input_type());
  if (!ReadRequest(method, {"7"}, arguments, request.get()).ok()) return;
  const auto wire = New(request->GetDescriptor());
  Check(wire->ParseFromString(request->SerializeAsString()));

  const auto call = WriteRequest(method, *request, 7);
  Check(call.ok());
  RestArguments again;
  Check(AppendQueryArguments(call->Form(), &again).ok());
  // A word of a list that holds a comma or begins with a bracket is another
  // list on the wire.
  for (const RestArgument& argument : again) {
    if (argument.name == "tags") return;
  }
  const auto second = New(request->GetDescriptor());
  Check(ReadRequest(method, {"7"}, again, second.get()).ok());
  const auto second_call = WriteRequest(method, *second, 7);
  Check(second_call.ok() && second_call->Form() == call->Form());
}

void CheckAnswer(const RestMethod& method, absl::string_view body) {
  const auto response = New(method.method().descriptor->output_type());
  const absl::Status status = ReadEnvelope(method, 200, body, response.get());
  if (!status.ok()) {
    Check(!WriteError(status, &method).body.empty());
    return;
  }
  const auto again = New(response->GetDescriptor());
  Check(ReadEnvelope(method, 200, WriteEnvelope(method, *response, true),
                     again.get())
            .ok());
}

}  // namespace
}  // namespace chatgate

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace chatgate;  // NOLINT: the one function of the program.
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  std::vector<RestArguments> read(4);
  const bool parsed[] = {AppendQueryArguments(input, &read[0]).ok(),
                         AppendFormArguments(input, &read[1]).ok(),
                         AppendMultipartArguments(
                             "multipart/form-data; boundary=b", input, &read[2])
                             .ok(),
                         AppendJsonArguments(input, &read[3]).ok()};
  for (const RestMethod& method : Methods()) {
    for (size_t i = 0; i < read.size(); ++i) {
      if (parsed[i]) CheckRequest(method, read[i]);
    }
    CheckAnswer(method, input);
  }
  return 0;
}
