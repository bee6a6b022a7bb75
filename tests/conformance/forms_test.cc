// The conformance table in every form that clients speak: gRPC, the REST form
// with forms, and the REST form with JSON.
#include <future>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "chatgate/v1/chat_service.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/hub/hub.h"
#include "server/rest_codec/envelope_reader.h"
#include "server/rest_codec/request_writer.h"
#include "server/service/chat_service.h"
#include "server/service/grpc_server.h"
#include "tests/conformance/story.h"
#include "tests/rest/rest_fixture.h"
#include "tests/service/service_fixture.h"

namespace chatgate {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

// A unary call by name, as any language makes it.
grpc::Status CallOverGrpc(grpc::GenericStub* stub, const std::string& method,
                          const Message& request, Message* response) {
  grpc::ClientContext context;
  Authorize(&context, "test-token");
  const grpc::Slice bytes(request.SerializeAsString());
  const grpc::ByteBuffer sent(&bytes, 1);
  grpc::ByteBuffer received;
  std::promise<grpc::Status> answered;
  stub->UnaryCall(
      &context, "/chatgate.v1.ChatService/" + method, grpc::StubOptions(),
      &sent, &received,
      [&answered](const grpc::Status& status) { answered.set_value(status); });
  grpc::Status status = answered.get_future().get();
  if (!status.ok()) return status;
  grpc::ProtoBufferReader reader(&received);
  EXPECT_TRUE(response->ParseFromZeroCopyStream(&reader));
  return status;
}

class FormsTest : public RestTest {
 protected:
  // The call as a client of the REST form writes it.
  struct Written {
    const RestMethod* method;
    RestCall call;
  };

  FormsTest() {
    absl::StatusOr<MethodTable> table = MethodTable::Build(
        *v1::GetUserRequest::descriptor()->file()->FindServiceByName(
            "ChatService"));
    EXPECT_THAT(table.status(), IsOk());
    table_ = *std::move(table);
    for (const Method& method : table_.methods()) {
      methods_.emplace(method.name(), method);
    }
  }

  absl::StatusOr<Written> Write(const std::string& method,
                                const Message& request) const {
    const RestMethod& rest = methods_.at(method);
    ASSIGN_OR_RETURN(RestCall call, WriteRequest(rest, request, kApp));
    return Written{&rest, std::move(call)};
  }

  static absl::Status Read(const RestMethod& method, const RestAnswer& answer,
                           Message* response) {
    return ReadEnvelope(method, answer.status, answer.body, response);
  }

  // An argument as a member of a JSON body: numbers and booleans bare, what
  // holds JSON as that JSON.
  static std::string Member(const RestMethod& method,
                            const std::pair<std::string, std::string>& text) {
    for (const RestField& field : method.arguments()) {
      if (field.name != text.first) continue;
      const bool bare =
          field.param->json() ||
          (field.field->cpp_type() != FieldDescriptor::CPPTYPE_STRING &&
           !field.field->is_repeated());
      if (bare) return absl::StrCat("\"", text.first, "\": ", text.second);
    }
    return absl::StrCat("\"", text.first, "\": \"", text.second, "\"");
  }

  MethodTable table_;
  std::map<std::string, RestMethod> methods_;
};

TEST_F(FormsTest, GrpcAnswersAsTheTable) {
  const std::unique_ptr<Hub> hub = Hub::Create(log_->Head());
  const auto service = ChatService::Create(
      Authenticator({{{"test", v1::WRITER, {kApp}}, "test-token"}}),
      {{kApp, platform_.get()}}, *log_, *hub, clock_);
  ASSERT_THAT(service.status(), IsOk());
  const auto server =
      GrpcServer::Start({.listen = "127.0.0.1:0"}, {&(*service)->service()});
  ASSERT_THAT(server.status(), IsOk());
  grpc::GenericStub stub((*server)->InProcessChannel());
  TellStory([&stub](const std::string& method, const Message& request,
                    Message* response) {
    const grpc::Status status = CallOverGrpc(&stub, method, request, response);
    return status.ok() ? absl::OkStatus()
                       : MakeError(ReasonOf(status), status.error_message());
  });
  (*service)->Stop(absl::Seconds(5));
  (*server)->Shutdown(absl::ZeroDuration());
}

TEST_F(FormsTest, RestWithFormsAnswersAsTheTable) {
  TellStory([this](const std::string& method, const Message& request,
                   Message* response) -> absl::Status {
    ASSIGN_OR_RETURN(const Written written, Write(method, request));
    const std::string form = written.call.Form();
    return Read(*written.method,
                written.call.verb == v1::GET ? Get(written.call.path, form)
                                             : Post(written.call.path, form),
                response);
  });
}

TEST_F(FormsTest, RestWithJsonAnswersAsTheTable) {
  TellStory([this](const std::string& method, const Message& request,
                   Message* response) -> absl::Status {
    ASSIGN_OR_RETURN(const Written written, Write(method, request));
    const std::string json = absl::StrCat(
        "{",
        absl::StrJoin(written.call.arguments, ", ",
                      [&written](std::string* out, const auto& text) {
                        absl::StrAppend(out, Member(*written.method, text));
                      }),
        "}");
    // A GET may have a body, too.
    return Read(
        *written.method,
        Request(written.call.verb == v1::GET ? "GET" : "POST",
                absl::StrCat("/v1/", written.call.path, "?auth_token=", kToken),
                json, kJsonHeader),
        response);
  });
}

}  // namespace
}  // namespace chatgate
