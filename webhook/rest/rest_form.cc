#include "webhook/rest/rest_form.h"

#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "chatgate/v1/chat_service.pb.h"
#include "google/protobuf/message.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/rest_codec/argument_reader.h"
#include "server/rest_codec/envelope_writer.h"
#include "server/rest_codec/request_reader.h"
#include "webhook/rest/backend_call.h"

namespace chatgate {
namespace {

using google::protobuf::Message;

constexpr char kSelfApp[] = "$self_app";

std::unique_ptr<Message> New(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(type)
          ->New());
}

HttpResponse Envelope(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

// The token reaches its own app alone.
absl::Status FillApp(uint64_t app_id, const RestMethod& method,
                     std::vector<std::string>* holes) {
  size_t index = 0;
  for (const PathPiece& piece : method.path()) {
    if (piece.hole == nullptr) continue;
    std::string& hole = (*holes)[index++];
    if (piece.word != "app_id") continue;
    if (hole == kSelfApp) hole = absl::StrCat(app_id);
    uint64_t asked = 0;
    if (!absl::SimpleAtoi(hole, &asked) || asked != app_id) {
      return MakeError("PermissionDeniedError", "this is another app's");
    }
  }
  return absl::OkStatus();
}

// Outside of `v1` a tag that is there already, or not there, is an error; the
// platform's answer without an id says that nothing happened.
absl::Status CheckTagged(const RestTarget& target, const Message& request,
                         const Message& response) {
  if (target.first_version) return absl::OkStatus();
  const auto* tag =
      google::protobuf::DynamicCastToGenerated<v1::TagConversationRequest>(
          &request);
  const auto* tagged =
      google::protobuf::DynamicCastToGenerated<v1::TagConversationResponse>(
          &response);
  if (tag == nullptr || tagged == nullptr || tagged->has_id()) {
    return absl::OkStatus();
  }
  return tag->action() == "delete"
             ? MakeError("ConversationTagIsNotAssigned",
                         "the conversation does not have the tag")
             : MakeError("ConversationTagAlreadyAssigned",
                         "the conversation has the tag already");
}

// The platform's REST form has no such argument: one who sends it must not find
// the change done.
absl::Status RefuseValidateOnly(const RestArguments& arguments) {
  for (const RestArgument& argument : arguments) {
    if (argument.name == "validate_only") {
      return InvalidField("validate_only", "is known to gRPC calls only");
    }
  }
  return absl::OkStatus();
}

SecretTable TokensOf(const std::vector<RestApp>& apps) {
  std::vector<std::pair<std::string, uint64_t>> tokens;
  tokens.reserve(apps.size());
  for (const RestApp& app : apps) tokens.emplace_back(app.token, app.app_id);
  return SecretTable(tokens);
}

}  // namespace

absl::StatusOr<std::unique_ptr<RestForm>> RestForm::Create(
    const Options& options, const Clock& clock,
    prometheus::Registry& registry) {
  std::set<std::string> tokens;
  for (const RestApp& app : options.apps) {
    if (!app.token.empty() && !tokens.insert(app.token).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          "apps: the api_token of ", app.app_id, " is another app's too"));
    }
    if (app.requests_per_minute > kRequestsPerMinuteMax) {
      return absl::InvalidArgumentError(
          absl::StrCat("apps: requests_per_minute of ", app.app_id,
                       " is more than ", kRequestsPerMinuteMax));
    }
  }
  ASSIGN_OR_RETURN(
      MethodTable table,
      MethodTable::Build(
          *v1::TagConversationRequest::descriptor()->file()->FindServiceByName(
              "ChatService")));
  return std::unique_ptr<RestForm>(
      new RestForm(options, clock, registry, std::move(table)));
}

RestForm::RestForm(const Options& options, const Clock& clock,
                   prometheus::Registry& registry, MethodTable table)
    : table_(std::move(table)),
      router_(table_),
      cross_origin_(options.cors_origins),
      call_time_max_(options.call_time_max),
      clock_(clock),
      tokens_(TokensOf(options.apps)),
      calls_(prometheus::BuildCounter()
                 .Name("chatgate_rest_calls_total")
                 .Help("Calls of the REST form, by method and HTTP status")
                 .Register(registry)) {
  for (const RestApp& app : options.apps) {
    apps_.emplace(app.app_id, std::make_unique<App>(app, clock));
  }
}

void RestForm::AddTo(RouteTable* routes) {
  routes->SetFallback(
      [this](const HttpRequest& request) { return Handle(request); },
      [this](const HttpRequest& request, const Refusal& refusal) {
        HttpResponse response = Envelope(
            refusal.status,
            WriteErrorEnvelope(refusal.status,
                               refusal.status < 500 ? "BadRequest" : "Error500",
                               refusal.reason));
        cross_origin_.AddHeaders(request, &response);
        return response;
      });
}

HttpResponse RestForm::Handle(const HttpRequest& request) {
  const RestTarget target = router_.Find(request.method, request.segments);
  HttpResponse response = Answer(request, target);
  cross_origin_.AddHeaders(request, &response);
  calls_
      .Add(
          {{"method",
            target.method == nullptr ? "none" : target.method->method().name()},
           {"status", absl::StrCat(response.status)}})
      .Increment();
  return response;
}

HttpResponse RestForm::Answer(const HttpRequest& request,
                              const RestTarget& target) {
  if (target.allow.empty()) {
    return Fail(target, MakeError("Error404", "there is no such method"));
  }
  if (target.method == nullptr) {
    const std::string allow = absl::StrCat(target.allow, ", OPTIONS");
    HttpResponse response =
        request.method == "OPTIONS"
            ? Envelope(200, "{\"meta\": {\"status\": 200}, \"data\": {}}")
            : Fail(target, MakeError("MethodNotAllowed",
                                     absl::StrCat("this path knows only ",
                                                  target.allow)));
    response.headers.emplace_back("Allow", allow);
    if (request.method == "OPTIONS")
      cross_origin_.AddPreflightHeaders(request, allow, &response);
    return response;
  }

  const absl::StatusOr<RestArguments> arguments = ReadArguments(request);
  if (!arguments.ok()) return Fail(target, arguments.status());
  App* app = FindApp(request, *arguments);
  if (app == nullptr) {
    return Fail(target, MakeError("NotAuthenticated",
                                  "the token is missing or unknown"));
  }
  if (const std::optional<absl::Duration> wait = app->limiter.Refuses()) {
    HttpResponse response =
        Fail(target,
             MakeError("TooManyRequests",
                       absl::StrCat("more than ", app->app.requests_per_minute,
                                    " calls in a minute")));
    response.headers.emplace_back("Retry-After",
                                  absl::StrCat(absl::ToInt64Seconds(
                                      absl::Ceil(*wait, absl::Seconds(1)))));
    return response;
  }
  return Call(target, *app, *arguments);
}

HttpResponse RestForm::Call(const RestTarget& target, App& app,
                            const RestArguments& given) const {
  const RestMethod& method = *target.method;
  std::vector<std::string> holes = target.holes;
  if (absl::Status status = FillApp(app.app.app_id, method, &holes);
      !status.ok()) {
    return Fail(target, status);
  }
  if (absl::Status status = RefuseValidateOnly(given); !status.ok()) {
    return Fail(target, status);
  }
  RestArguments arguments = target.defaults;
  arguments.insert(arguments.end(), given.begin(), given.end());
  arguments.insert(arguments.end(), target.fixed.begin(), target.fixed.end());

  std::unique_ptr<Message> request =
      New(method.method().descriptor->input_type());
  const Message& sent = *request;
  if (absl::Status status =
          ReadRequest(method, holes, arguments, request.get());
      !status.ok()) {
    return Fail(target, status);
  }
  CallContext context;
  context.app_id = app.app.app_id;
  context.caller = "rest";
  context.deadline = clock_.Now() + call_time_max_;
  BackendCall call(std::move(request),
                   New(method.method().descriptor->output_type()));
  absl::Status status = call.Run(*app.app.backend, context, call_time_max_);
  if (status.ok()) status = CheckTagged(target, sent, call.response());
  if (!status.ok()) return Fail(target, status);

  const RestArgument* ids = FindArgument(arguments, "id_as_string");
  return Envelope(200, WriteEnvelope(method, call.response(),
                                     ids != nullptr && IsTrue(ids->value)));
}

HttpResponse RestForm::Fail(const RestTarget& target,
                            const absl::Status& status) const {
  RestError error = WriteError(status, target.method);
  return Envelope(error.http_status, std::move(error.body));
}

RestForm::App* RestForm::FindApp(const HttpRequest& request,
                                 const RestArguments& arguments) {
  const std::string token = ReadToken(request, arguments);
  if (token.empty()) return nullptr;
  const std::optional<uint64_t> app_id = tokens_.AppOf(token);
  return app_id.has_value() ? apps_.at(*app_id).get() : nullptr;
}

}  // namespace chatgate
