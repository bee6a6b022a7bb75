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
#include "server/platform/known_answers.h"
#include "server/platform/methods.h"
#include "server/platform/request_ids.h"

namespace chatgate {

namespace {

using ::google::protobuf::Message;
using platform::App;
using platform::KnownAnswers;
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

// An embedded app.
struct Workspace {
  App app;
  std::unique_ptr<KnownAnswers> known;
};

// Where an answer goes: into the response, and as bytes where there is room for
// them.
struct Answering {
  Message* response;
  KnownAnswers::Answer* bytes;  // May be null.
};

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
  std::map<uint64_t, Workspace> workspaces;

  // Where set, `good_until` is when time alone changes the answer.
  absl::Status Read(const MethodRow& method, const App& app,
                    const absl::StatusOr<Connection*>& connection,
                    absl::Time now, const Message& request, Message* response,
                    absl::Time* good_until = nullptr) const {
    if (!connection.ok()) return connection.status();
    const ReadContext context{**connection, app,           now,
                              limits,       changes.get(), good_until};
    return method.read(context, request, response);
  }

  // As Read, and keeps the answer for who asks again; `state` is that of before
  // the snapshot.
  absl::Status ReadAndKeep(const MethodRow& method, const Workspace& workspace,
                           const absl::StatusOr<Connection*>& connection,
                           const Message& request, const std::string& question,
                           uint64_t state, const Answering& answering) const {
    const absl::Time now = clock.Now();
    absl::Time good_until = absl::InfiniteFuture();
    RETURN_IF_ERROR(Read(method, workspace.app, connection, now, request,
                         answering.response, &good_until));
    auto bytes = std::make_shared<const std::string>(
        answering.response->SerializeAsString());
    if (answering.bytes != nullptr) *answering.bytes = bytes;
    workspace.known->Keep(state, question, std::move(bytes), now, good_until);
    return absl::OkStatus();
  }

  absl::Status Write(const MethodRow& method, const Workspace& workspace,
                     Transaction& transaction, const Message& request,
                     Message* response) const {
    response->Clear();
    workspace.known->Change(transaction);
    WriteContext context(transaction, log, workspace.app, changes->Next(),
                         limits);
    ASSIGN_OR_RETURN(const std::string request_id, RequestId(request));
    if (request_id.empty()) return method.write(context, request, response);
    ASSIGN_OR_RETURN(
        const bool answered,
        platform::AnswerAgain(context, request_id, request, response));
    if (answered) return absl::OkStatus();
    RETURN_IF_ERROR(method.write(context, request, response));
    return platform::KeepAnswer(context, request_id, request, *response);
  }

  // Answers at once what is known, and reads what is not.
  static void AnswerOrRead(const std::shared_ptr<const Core>& core,
                           const MethodRow& method, const Workspace& workspace,
                           const Message& request, const Answering& answering,
                           Done done) {
    std::string question = absl::StrCat(request.GetDescriptor()->index(), " ");
    request.AppendToString(&question);
    KnownAnswers::Answer known =
        workspace.known->Find(question, core->clock.Now());
    if (known != nullptr) {
      if (answering.bytes != nullptr) {
        *answering.bytes = std::move(known);
      } else {
        answering.response->ParseFromString(*known);
      }
      return done(absl::OkStatus());
    }
    // The reading may share the snapshot of one that runs before it.
    const uint64_t state = workspace.known->State();
    core->store.SubmitShortRead(
        [core, &method, &workspace, &request, answering, state,
         question = std::move(question), done = std::move(done)](
            const absl::StatusOr<Connection*>& connection) {
          done(NameError(core->ReadAndKeep(method, workspace, connection,
                                           request, question, state,
                                           answering)));
        });
  }

  // Does the change and undoes it: a work that fails leaves nothing behind, so
  // what passed its checks is made to fail, too.
  static void Check(const std::shared_ptr<const Core>& core,
                    const MethodRow& method, const Workspace& workspace,
                    const Message& request, Message* response, Done done) {
    auto passed = std::make_shared<bool>(false);
    core->store.Submit(
        [core, &method, &workspace, &request, response,
         passed](Transaction& transaction) -> absl::Status {
          RETURN_IF_ERROR(
              core->Write(method, workspace, transaction, request, response));
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
        std::map<uint64_t, Workspace> embedded;
        for (const v1::AppConfig& app : apps) {
          if (!app.has_embedded()) continue;
          embedded[app.id()] = {MakeApp(app), std::make_unique<KnownAnswers>(
                                                  limits.known_bytes_max)};
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
  const auto found = core_->workspaces.find(context.app_id);
  if (found == core_->workspaces.end()) {
    done(MakeError("PermissionDeniedError",
                   absl::StrCat("app ", context.app_id,
                                " is not on the embedded platform")));
    return;
  }
  // The map does not change, so that what it holds may be referred to.
  const Workspace& workspace = found->second;
  const absl::Status fresh = MaxStaleness(request).status();
  if (!fresh.ok()) return done(fresh);
  if (ValidateOnly(request)) {
    return Core::Check(core_, *method, workspace, request, response,
                       std::move(done));
  }
  if (method->write != nullptr) {
    core_->store.Submit(
        [core = core_, method, &workspace, &request,
         response](Transaction& transaction) {
          return core->Write(*method, workspace, transaction, request,
                             response);
        },
        [done = std::move(done)](const absl::Status& status) {
          done(NameError(status));
        });
    return;
  }
  if (method->looks_at_few_rows) {
    return Core::AnswerOrRead(core_, *method, workspace, request,
                              {response, context.answer_bytes},
                              std::move(done));
  }
  core_->store.SubmitRead(
      [core = core_, method, &app = workspace.app, &request, response,
       done = std::move(done)](const absl::StatusOr<Connection*>& connection) {
        done(NameError(core->Read(*method, app, connection, core->clock.Now(),
                                  request, response)));
      });
}

absl::Status EmbeddedPlatform::OnAppend(Transaction& transaction,
                                        const v1::Event& event) {
  if (event.source() != v1::EVENT_SOURCE_DASHLY ||
      !event.has_dashly_conversation()) {
    return absl::OkStatus();
  }
  const auto found = core_->workspaces.find(event.app_id());
  if (found == core_->workspaces.end()) return absl::OkStatus();
  found->second.known->Change(transaction);
  WriteContext context(transaction, core_->log, found->second.app,
                       core_->changes->Next(), core_->limits);
  return platform::AdoptPart(context,
                             event.dashly_conversation().conversation());
}

}  // namespace chatgate
