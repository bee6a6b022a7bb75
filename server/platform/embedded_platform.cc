#include "server/platform/embedded_platform.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/backend/arguments.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/platform/adoption.h"
#include "server/platform/change_clock.h"
#include "server/platform/methods.h"
#include "server/platform/request_ids.h"

namespace chatgate {

namespace {

using ::google::protobuf::Message;
using platform::App;
using platform::MethodRow;
using platform::ReadContext;
using platform::WriteContext;

App MakeApp(const v1::AppConfig& config) {
  App app;
  app.id = config.id();
  app.name = config.name();
  for (const v1::AdminConfig& configured : config.embedded().admins()) {
    v1::Admin& admin = app.admins[configured.id()];
    admin.set_id(configured.id());
    admin.set_name(configured.name());
    admin.set_avatar(configured.avatar());
    admin.set_type("admin");
  }
  for (const v1::ChannelConfig& configured : config.embedded().channels()) {
    v1::Channel& channel = app.channels.emplace_back();
    channel.set_id(configured.id());
    channel.set_name(configured.name());
    channel.set_type(configured.type().empty() ? "manual" : configured.type());
    channel.set_read_permission(true);
    // Everybody works in every channel: the configuration names no teams.
    for (const auto& [id, admin] : app.admins) *channel.add_operators() = admin;
  }
  return app;
}

constexpr absl::Duration kRetryDelay = absl::Seconds(1);

// Statuses of the store have a code alone; callers get a name as well.
absl::Status NameError(const absl::Status& status) {
  if (status.ok() || !ErrorName(status).empty()) return status;
  if (status.code() == absl::StatusCode::kResourceExhausted) {
    return WithRetryDelay(MakeError("OVERLOADED", status.message()),
                          kRetryDelay);
  }
  if (status.code() == absl::StatusCode::kUnavailable) {
    return MakeError("STORAGE_REFUSES_WRITES", status.message());
  }
  return MakeError("Error500", status.message());
}

}  // namespace

// Everything that calls under way need.
struct EmbeddedPlatform::Core {
  Store& store;        // Outlives the calls.
  EventLog& log;       // Outlives the calls.
  const Clock& clock;  // Outlives the calls.
  std::unique_ptr<platform::ChangeClock> changes;
  const PlatformLimits limits;
  std::map<uint64_t, App> apps;

  absl::Status Read(const MethodRow& method, const App& app,
                    const absl::StatusOr<Connection*>& connection,
                    const Message& request, Message* response) const {
    if (!connection.ok()) return connection.status();
    const ReadContext context{**connection, app, clock.Now(), limits,
                              changes.get()};
    return method.read(context, request, response);
  }

  absl::Status Write(const MethodRow& method, const App& app,
                     Transaction& transaction, const Message& request,
                     Message* response) const {
    response->Clear();
    WriteContext context(transaction, log, app, changes->Next(), limits);
    ASSIGN_OR_RETURN(const std::string request_id, RequestId(request));
    if (request_id.empty()) return method.write(context, request, response);
    ASSIGN_OR_RETURN(
        const bool answered,
        platform::AnswerAgain(context, request_id, request, response));
    if (answered) return absl::OkStatus();
    RETURN_IF_ERROR(method.write(context, request, response));
    return platform::KeepAnswer(context, request_id, request, *response);
  }

  // Does the change and undoes it: a work that fails leaves nothing behind, so
  // what passed its checks is made to fail, too.
  static void Check(const std::shared_ptr<const Core>& core,
                    const MethodRow& method, const App& app,
                    const Message& request, Message* response, Done done) {
    auto passed = std::make_shared<bool>(false);
    core->store.Submit(
        [core, &method, &app, &request, response,
         passed](Transaction& transaction) -> absl::Status {
          RETURN_IF_ERROR(
              core->Write(method, app, transaction, request, response));
          *passed = true;
          return absl::CancelledError("only checked");
        },
        [response, passed, done = std::move(done)](const absl::Status& status) {
          response->Clear();
          done(*passed ? absl::OkStatus() : NameError(status));
        });
  }
};

EmbeddedPlatform::EmbeddedPlatform(Store& store, EventLog& log,
                                   const Clock& clock,
                                   const std::vector<v1::AppConfig>& apps,
                                   const PlatformLimits& limits)
    : core_([&] {
        std::map<uint64_t, App> embedded;
        for (const v1::AppConfig& app : apps) {
          if (app.has_embedded()) embedded[app.id()] = MakeApp(app);
        }
        return std::make_shared<const Core>(Core{
            store, log, clock, std::make_unique<platform::ChangeClock>(clock),
            limits, std::move(embedded)});
      }()) {}

EmbeddedPlatform::~EmbeddedPlatform() = default;

void EmbeddedPlatform::Call(const CallContext& context, const Message& request,
                            Message* response, Done done) {
  const MethodRow* method = platform::FindMethod(request.GetDescriptor());
  if (method == nullptr) {
    done(MakeError("METHOD_NOT_SERVED",
                   absl::StrCat("the embedded platform does not serve ",
                                request.GetDescriptor()->name(), " yet")));
    return;
  }
  if (response->GetDescriptor() != method->response) {
    done(MakeError("Error500", "the response is of another method"));
    return;
  }
  const auto app = core_->apps.find(context.app_id);
  if (app == core_->apps.end()) {
    done(MakeError("PermissionDeniedError",
                   absl::StrCat("app ", context.app_id,
                                " is not on the embedded platform")));
    return;
  }
  const absl::Status fresh = MaxStaleness(request).status();
  if (!fresh.ok()) return done(fresh);
  if (ValidateOnly(request)) {
    return Core::Check(core_, *method, app->second, request, response,
                       std::move(done));
  }
  // The map does not change, so that the app may be referred to.
  if (method->write != nullptr) {
    core_->store.Submit(
        [core = core_, method, &app = app->second, &request,
         response](Transaction& transaction) {
          return core->Write(*method, app, transaction, request, response);
        },
        [done = std::move(done)](const absl::Status& status) {
          done(NameError(status));
        });
    return;
  }
  auto reading = [core = core_, method, &app = app->second, &request, response,
                  done = std::move(done)](
                     const absl::StatusOr<Connection*>& connection) {
    done(NameError(core->Read(*method, app, connection, request, response)));
  };
  if (method->looks_at_few_rows) {
    core_->store.SubmitShortRead(std::move(reading));
  } else {
    core_->store.SubmitRead(std::move(reading));
  }
}

absl::Status EmbeddedPlatform::OnAppend(Transaction& transaction,
                                        const v1::Event& event) {
  if (event.source() != v1::EVENT_SOURCE_DASHLY ||
      !event.has_dashly_conversation()) {
    return absl::OkStatus();
  }
  const auto app = core_->apps.find(event.app_id());
  if (app == core_->apps.end()) return absl::OkStatus();
  WriteContext context(transaction, core_->log, app->second,
                       core_->changes->Next(), core_->limits);
  return platform::AdoptPart(context,
                             event.dashly_conversation().conversation());
}

}  // namespace chatgate
