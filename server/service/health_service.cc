#include "server/service/health_service.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"
#include "server/rpc/rpc_bytes.h"
#include "server/rpc/unary_call.h"
#include "server/service/errors.h"

namespace chatgate {

using grpc::health::v1::HealthCheckRequest;

namespace {

// A watch keeps the name; no service of ours has a longer one.
constexpr size_t kNameBytesMax = 200;

grpc::Status NameTooLong() {
  return ToGrpcStatus(
      InvalidField("service", absl::StrCat("is longer than ", kNameBytesMax)));
}

grpc::Status Stopping() {
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "the gateway is stopping");
}

}  // namespace

// One stream: writes the status now and whenever it has changed, one write at a
// time. What changes back before it is written is not seen.
class HealthService::Watch final : public ServerStream::Listener {
 public:
  Watch(HealthService& health, ServerStream& stream, std::string service)
      : health_(health), stream_(stream), service_(std::move(service)) {}

  void OnWriteDone(bool ok) override {
    MutexLock lock(health_.mu_);
    writing_ = false;
    gone_ = gone_ || !ok;
    Follow();
  }

  void OnCancel() override {
    MutexLock lock(health_.mu_);
    gone_ = true;
    Follow();
  }

  void OnDone() override {
    {
      MutexLock lock(health_.mu_);
      health_.watches_.erase(this);
    }
    delete this;
  }

  void Follow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(health_.mu_) {
    if (writing_ || finished_) return;
    if (gone_ || health_.stopping_) {
      finished_ = true;
      return stream_.Finish(gone_ ? grpc::Status::CANCELLED : Stopping());
    }
    const Response::ServingStatus status = health_.StatusOf(service_);
    if (written_ == status) return;
    written_ = status;
    writing_ = true;
    Response response;
    response.set_status(status);
    stream_.Write(ToByteBuffer(response));
  }

 private:
  HealthService& health_;
  ServerStream& stream_;
  const std::string service_;
  std::optional<Response::ServingStatus> written_ ABSL_GUARDED_BY(health_.mu_);
  bool writing_ ABSL_GUARDED_BY(health_.mu_) = false;
  bool gone_ ABSL_GUARDED_BY(health_.mu_) = false;
  bool finished_ ABSL_GUARDED_BY(health_.mu_) = false;
};

HealthService::HealthService(const std::set<std::string>& services)
    : services_(services),
      service_(*HealthCheckRequest::descriptor()->file()->FindServiceByName(
          "Health")) {
  service_.OnCall("Check", [this](UnaryCall& call) { Check(call); });
  service_.OnStream("Watch", [this](ServerStream& stream) { OnWatch(stream); });
}

void HealthService::SetServing(bool serving) {
  MutexLock lock(mu_);
  serving_ = serving;
  for (Watch* watch : watches_) watch->Follow();
}

void HealthService::Stop() {
  MutexLock lock(mu_);
  stopping_ = true;
  for (Watch* watch : watches_) watch->Follow();
}

HealthService::Response::ServingStatus HealthService::StatusOf(
    const std::string& service) const {
  if (!service.empty() && !services_.contains(service)) {
    return Response::SERVICE_UNKNOWN;
  }
  return serving_ ? Response::SERVING : Response::NOT_SERVING;
}

void HealthService::Check(UnaryCall& call) {
  const auto& request = static_cast<const HealthCheckRequest&>(call.request());
  if (request.service().size() > kNameBytesMax) {
    return call.Finish(NameTooLong());
  }
  Response::ServingStatus status;
  {
    MutexLock lock(mu_);
    status = StatusOf(request.service());
  }
  if (status == Response::SERVICE_UNKNOWN) {
    return call.Finish(
        grpc::Status(grpc::StatusCode::NOT_FOUND, "there is no such service"));
  }
  static_cast<Response*>(call.response())->set_status(status);
  call.Finish(grpc::Status::OK);
}

void HealthService::OnWatch(ServerStream& stream) {
  HealthCheckRequest request;
  if (!ParseByteBuffer(stream.request(), &request)) {
    return stream.Finish(
        grpc::Status(grpc::StatusCode::INVALID_ARGUMENT,
                     "the bytes are no grpc.health.v1.HealthCheckRequest"));
  }
  if (request.service().size() > kNameBytesMax) {
    return stream.Finish(NameTooLong());
  }
  MutexLock lock(mu_);
  if (stopping_) return stream.Finish(Stopping());
  if (watches_.size() >= kWatchesMax) {
    return stream.Finish(ToGrpcStatus(
        ServiceError(Reason::kOverloaded, "too many watch the health")));
  }
  auto* watch = new Watch(*this, stream, request.service());
  stream.SetListener(watch);
  watches_.insert(watch);
  watch->Follow();
}

}  // namespace chatgate
