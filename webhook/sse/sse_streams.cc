#include "webhook/sse/sse_streams.h"

#include <memory>
#include <optional>
#include <utility>

#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/subscription/start_position.h"
#include "server/subscription/timestamp.h"
#include "webhook/sse/sse_request.h"

namespace chatgate {
namespace {

constexpr char kPath[] = "/v1/stream";
// As the server says where all streams are taken.
constexpr char kRetryAfterSeconds[] = "5";

HttpResponse Refused(const absl::Status& status) {
  const ErrorRow* row = FindError(ErrorName(status));
  if (row == nullptr) row = DefaultError(status.code());
  std::string reason(status.message());
  for (const FieldViolation& wrong : FieldViolations(status)) {
    reason = wrong.field + ": " + wrong.description;
  }
  HttpResponse response = ErrorResponse(row->http_status, row->name, reason);
  if (absl::IsResourceExhausted(status)) {
    response.headers.emplace_back("Retry-After", kRetryAfterSeconds);
  }
  return response;
}

}  // namespace

SseStreams::SseStreams(Authenticator authenticator, std::set<uint64_t> app_ids,
                       EventLog& log, Hub& hub, const Options& options,
                       prometheus::Registry& registry)
    : authenticator_(std::move(authenticator)),
      app_ids_(std::move(app_ids)),
      log_(log),
      hub_(hub),
      stream_options_(options.stream),
      cross_origin_(options.cors_origins),
      places_("streams", {.of_caller_max = options.streams_of_caller_max}),
      open_(prometheus::BuildGauge()
                .Name("chatgate_sse_streams")
                .Help("Event streams over HTTP that are open")
                .Register(registry)
                .Add({})) {}

void SseStreams::AddTo(RouteTable* routes) {
  routes->Add("GET", kPath,
              [this](const HttpRequest& request) { return Open(request); });
  routes->Add("OPTIONS", kPath, [this](const HttpRequest& request) {
    return AnswerBrowser(request);
  });
}

HttpResponse SseStreams::Open(const HttpRequest& request) {
  absl::StatusOr<LongAnswer> answer = Answer(request);
  HttpResponse response;
  if (answer.ok()) {
    response.content_type = "text/event-stream";
    response.headers.emplace_back("Cache-Control", "no-store");
    // Of proxies that would hold events back.
    response.headers.emplace_back("X-Accel-Buffering", "no");
    response.long_answer = *std::move(answer);
  } else {
    response = Refused(answer.status());
  }
  cross_origin_.AddHeaders(request, &response);
  return response;
}

absl::StatusOr<LongAnswer> SseStreams::Answer(const HttpRequest& request) {
  ASSIGN_OR_RETURN(const Caller* caller, authenticator_.Authenticate(
                                             request.Header("Authorization")));
  RETURN_IF_ERROR(CheckRole(*caller, v1::READER));
  ASSIGN_OR_RETURN(const v1::SubscribeRequest wanted, ReadSseRequest(request));
  ASSIGN_OR_RETURN(EventFilter filter,
                   EventFilter::Compile(wanted.filter(), *caller, app_ids_));
  ASSIGN_OR_RETURN(std::optional<uint64_t> position,
                   StartPosition(log_, wanted));
  if (!position.has_value()) {
    ASSIGN_OR_RETURN(position, log_.PositionAt(ToTime(wanted.start_time())));
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<void> place,
                   places_.Take(caller->name));
  return LongAnswer([this, filter = std::move(filter),
                     raw = wanted.include_raw(), position = *position,
                     place](ByteStream& stream) {
    open_.Increment();
    SseStream(log_, hub_, filter, raw, position, stream_options_).Run(stream);
    open_.Decrement();
  });
}

// A browser asks first what another origin's page may send.
HttpResponse SseStreams::AnswerBrowser(const HttpRequest& request) const {
  HttpResponse response;
  response.status = 204;
  response.headers.emplace_back("Allow", "GET, OPTIONS");
  cross_origin_.AddHeaders(request, &response);
  cross_origin_.AddPreflightHeaders(request, "GET, OPTIONS", &response);
  return response;
}

}  // namespace chatgate
