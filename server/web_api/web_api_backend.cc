#include "server/web_api/web_api_backend.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chatgate/v1/chat_service.pb.h"
#include "server/backend/arguments.h"
#include "server/backend/error_table.h"
#include "server/backend/method_table.h"
#include "server/base/countdown.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/web_api/resend.h"
#include "server/web_api/upstream_call.h"

namespace chatgate {
namespace {

using google::protobuf::Message;

absl::Status Stopping() {
  return WithRetryDelay(MakeError("STOPPING", "the gateway is stopping"),
                        absl::Seconds(1));
}

}  // namespace

// Knows the calls that are not answered yet.
class WebApiBackend::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(const WebApiRooms& rooms, const WebApiBackendOptions& options,
       MethodTable table)
      : world_(std::make_shared<CallWorld>(rooms, options, std::move(table))) {}

  CallWorld& world() { return *world_; }

  void Begin(const RestMethod& method, const CallContext& context,
             const Message& request, Message* response, Done done) {
    const uint64_t number = NextNumber();
    auto call = std::make_shared<UpstreamCall>(
        world_, method, context, request, response,
        [core = shared_from_this(), number,
         done = std::move(done)](absl::Status status) {
          core->Remove(number);
          done(std::move(status));
        });
    if (!Add(number, call)) {
      call->Answer(Stopping());
      return;
    }
    EndInTime(number, context.deadline, call);
    call->Start();
  }

  void Close(absl::Duration grace) ABSL_LOCKS_EXCLUDED(mu_) {
    std::map<uint64_t, Open> calls;
    const Countdown left(grace);
    {
      MutexLock lock(mu_);
      closed_ = true;
      while (!calls_.empty() && !left.IsOver()) {
        removed_.WaitFor(mu_, left.Left());
      }
      calls = calls_;
    }
    for (const auto& [number, open] : calls) {
      if (const auto call = open.call.lock()) call->Answer(Stopping());
    }
    world_->gate.Close();
  }

 private:
  // A call that is not answered yet.
  struct Open {
    std::weak_ptr<UpstreamCall> call;
    std::optional<Timer::Ticket> time_out;
  };

  void EndInTime(uint64_t number, absl::Time deadline,
                 const std::shared_ptr<UpstreamCall>& call)
      ABSL_LOCKS_EXCLUDED(mu_) {
    if (deadline == absl::InfiniteFuture()) return;
    const Gate::Pass pass(world_->gate);
    if (!pass) return;
    const Timer::Ticket ticket = world_->rooms.timer.RunAt(
        deadline,
        [weak = std::weak_ptr<UpstreamCall>(call)] { TimeOut(weak); });
    {
      MutexLock lock(mu_);
      const auto found = calls_.find(number);
      if (found != calls_.end()) {
        found->second.time_out = ticket;
        return;
      }
    }
    world_->rooms.timer.Cancel(ticket);
  }

  static void TimeOut(const std::weak_ptr<UpstreamCall>& weak) {
    if (const auto call = weak.lock()) {
      call->Answer(MakeError("DEADLINE_EXCEEDED",
                             "the call's time was over before its answer"));
    }
  }

  uint64_t NextNumber() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return ++last_number_;
  }

  bool Add(uint64_t number, std::weak_ptr<UpstreamCall> call)
      ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    if (closed_) return false;
    calls_.emplace(number, Open{std::move(call), std::nullopt});
    return true;
  }

  void Remove(uint64_t number) ABSL_LOCKS_EXCLUDED(mu_) {
    std::optional<Timer::Ticket> time_out;
    {
      MutexLock lock(mu_);
      const auto found = calls_.find(number);
      if (found == calls_.end()) return;
      time_out = found->second.time_out;
      calls_.erase(found);
      if (calls_.empty()) removed_.SignalAll();
    }
    if (!time_out.has_value()) return;
    // Otherwise a flood of short calls with long deadlines would pile up.
    if (const Gate::Pass pass(world_->gate); pass) {
      world_->rooms.timer.Cancel(*time_out);
    }
  }

  const std::shared_ptr<CallWorld> world_;

  Mutex mu_;
  CondVar removed_;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t last_number_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<uint64_t, Open> calls_ ABSL_GUARDED_BY(mu_);
};

absl::StatusOr<std::unique_ptr<WebApiBackend>> WebApiBackend::Create(
    const WebApiRooms& rooms, const WebApiBackendOptions& options) {
  const google::protobuf::ServiceDescriptor* service =
      v1::SubscribeRequest::descriptor()->file()->FindServiceByName(
          "ChatService");
  ASSIGN_OR_RETURN(MethodTable table, MethodTable::Build(*service));
  return std::unique_ptr<WebApiBackend>(new WebApiBackend(
      std::make_shared<Core>(rooms, options, std::move(table))));
}

WebApiBackend::WebApiBackend(std::shared_ptr<Core> core)
    : core_(std::move(core)) {}

WebApiBackend::~WebApiBackend() { core_->Close(absl::ZeroDuration()); }

void WebApiBackend::Close(absl::Duration grace) { core_->Close(grace); }

absl::Status WebApiBackend::Health() const {
  return core_->world().breaker.Health();
}

void WebApiBackend::Call(const CallContext& context, const Message& request,
                         Message* response, Done done) {
  CallWorld& world = core_->world();
  const auto method = world.methods.find(request.GetDescriptor());
  if (method == world.methods.end()) {
    done(MakeError("METHOD_NOT_SERVED",
                   absl::StrCat(request.GetDescriptor()->name(),
                                " is no method of the platform")));
    return;
  }
  const RestMethod& rest = method->second;
  if (response->GetDescriptor() != rest.method().descriptor->output_type()) {
    done(MakeError("Error500", "the response is of another method"));
    return;
  }
  if (context.app_id != world.options.app_id) {
    done(
        MakeError("PermissionDeniedError",
                  absl::StrCat("app ", context.app_id, " is not served here")));
    return;
  }
  absl::Status wrong = CheckArguments(request);
  if (wrong.ok()) {
    wrong = WriteRequest(rest, request, world.options.app_id).status();
  }
  if (!wrong.ok()) {
    done(std::move(wrong));
    return;
  }
  if (ValidateOnly(request)) {
    absl::Status status = world.breaker.Check();
    if (status.ok() && context.report != nullptr) context.report->cost = 1;
    done(std::move(status));
    return;
  }
  core_->Begin(rest, context, request, response, std::move(done));
}

}  // namespace chatgate
