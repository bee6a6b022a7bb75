// Calls what standard input asks for, with C++'s stubs:
// tests/interop/README.md.
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "chatgate/v1/chat_service.grpc.pb.h"
#include "client/status.h"

namespace chatgate {
namespace {

using google::protobuf::Struct;
using google::protobuf::util::JsonStringToMessage;
using google::protobuf::util::MessageToJsonString;

// Takes the request as JSON; gives the whole answer as JSON.
using Question = std::function<std::string(const std::string&)>;

std::string Refusal(const grpc::Status& status) {
  const absl::Status refused = FromGrpc(status);
  Struct answer;
  (*answer.mutable_fields())["code"].set_string_value(
      absl::StatusCodeToString(refused.code()));
  (*answer.mutable_fields())["reason"].set_string_value(ErrorReason(refused));
  std::string json;
  if (!MessageToJsonString(answer, &json).ok()) std::abort();
  return json;
}

template <typename Request, typename Response>
Question Ask(v1::ChatService::Stub* stub,
             grpc::Status (v1::ChatService::Stub::*method)(grpc::ClientContext*,
                                                           const Request&,
                                                           Response*)) {
  return [stub, method](const std::string& json) {
    Request request;
    if (!JsonStringToMessage(json, &request).ok()) std::abort();
    grpc::ClientContext context;
    context.AddMetadata("authorization",
                        std::string("Bearer ") + std::getenv("CHATGATE_TOKEN"));
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(30));
    Response response;
    const grpc::Status status = (stub->*method)(&context, request, &response);
    if (!status.ok()) return Refusal(status);
    std::string text;
    if (!MessageToJsonString(response, &text).ok()) std::abort();
    return "{\"ok\": " + text + "}";
  };
}

void Run() {
  const auto stub = v1::ChatService::NewStub(grpc::CreateChannel(
      std::getenv("CHATGATE_SERVER"), grpc::InsecureChannelCredentials()));
  std::map<std::string, Question> questions;
#define CHATGATE_CALL(Rpc) \
  questions[#Rpc] = Ask(stub.get(), &v1::ChatService::Stub::Rpc);
#include "client/rpc_list.inc"
#undef CHATGATE_CALL
  std::string line;
  while (std::getline(std::cin, line)) {
    Struct asked;
    std::string request;
    if (!JsonStringToMessage(line, &asked).ok() ||
        !MessageToJsonString(asked.fields().at("request"), &request).ok()) {
      std::abort();
    }
    const std::string& rpc = asked.fields().at("rpc").string_value();
    std::cout << questions.at(rpc)(request) << std::endl;
  }
}

}  // namespace
}  // namespace chatgate

int main() { chatgate::Run(); }
