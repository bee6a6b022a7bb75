#include "client/chatgatectl/call_command.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <iostream>
#include <iterator>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/chatgatectl/answer_text.h"

namespace chatgate {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

std::unique_ptr<Message> NewMessage(const Descriptor& type) {
  const Message* prototype =
      MessageFactory::generated_factory()->GetPrototype(&type);
  return std::unique_ptr<Message>(prototype->New());
}

// Those of the gateway, by name and in order.
const MethodDescriptor* FindMethod(const std::string& name) {
  for (const MethodDescriptor* method : ChatClient::Methods()) {
    if (method->name() == name) return method;
  }
  return nullptr;
}

std::string MethodNames() {
  std::string names;
  for (const MethodDescriptor* method : ChatClient::Methods()) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", method->name());
  }
  return names;
}

std::string ReadStandardInput() {
  return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

}  // namespace

ExitCode RunCall(ChatClient& client, const std::vector<std::string>& arguments,
                 const CallOptions& options, Reader reader) {
  if (arguments.empty() || arguments.size() > 2) {
    return FailUsage(absl::InvalidArgumentError(
        "call takes METHOD and JSON, such as: call GetConversation "
        "'{\"conversation_id\": 1}'"));
  }
  const std::string& name = arguments[0];
  const MethodDescriptor* method = FindMethod(name);
  if (method == nullptr) {
    return FailUsage(absl::InvalidArgumentError(absl::StrCat(
        "there is no method ", name, "; there are ", MethodNames())));
  }
  std::string json = arguments.size() == 2 ? arguments[1] : "{}";
  if (json == "-") json = ReadStandardInput();
  const std::unique_ptr<Message> request = NewMessage(*method->input_type());
  const std::unique_ptr<Message> response = NewMessage(*method->output_type());
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(json, request.get());
  if (!parsed.ok()) {
    // What follows shows the place under lines of its own.
    const std::string why(parsed.message());
    return FailUsage(absl::InvalidArgumentError(
        absl::StrCat("the JSON is no ", method->input_type()->name(), ": ",
                     why.substr(0, why.find('\n')))));
  }
  const absl::Status status =
      client.Call(name, *request, response.get(), options);
  if (!status.ok()) return Fail(status);
  const absl::StatusOr<std::string> text = AnswerText(*response, reader);
  if (!text.ok()) return Fail(text.status());
  std::cout << *text;
  return kExitOk;
}

ExitCode RunMethods() {
  for (const MethodDescriptor* method : ChatClient::Methods()) {
    std::cout << method->name();
    const Descriptor* request = method->input_type();
    for (int f = 0; f < request->field_count(); ++f) {
      std::cout << (f == 0 ? "  " : ", ") << request->field(f)->name();
    }
    std::cout << "\n";
  }
  return kExitOk;
}

}  // namespace chatgate
