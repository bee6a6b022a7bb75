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
// time. What changes back before it is written is not seen. What it knows
// belongs to the service's mutex.
struct HealthService::Watch final : public ServerStream::Listener {
  Watch(HealthService& health, ServerStream& stream, std::string service)
      : health(health), stream(stream), service(std::move(service)) {}

  void OnWriteDone(bool ok) override {
    MutexLock lock(health.mu_);
    writing = false;
    gone = gone || !ok;
    health.Follow(*this);
  }

  void OnCancel() override {
    MutexLock lock(health.mu_);
    gone = true;
    health.Follow(*this);
  }

  void OnDone() override {
    {
      MutexLock lock(health.mu_);
      health.watches_.erase(this);
    }
    delete this;
  }

  HealthService& health;
  ServerStream& stream;
  const std::string service;
  std::optional<Response::ServingStatus> written;
  bool writing = false;
  bool gone = false;
  bool finished = false;
};

void HealthService::Follow(Watch& watch) {
  if (watch.writing || watch.finished) return;
  if (watch.gone || stopping_) {
    watch.finished = true;
    return watch.stream.Finish(watch.gone ? grpc::Status::CANCELLED
                                          : Stopping());
  }
  const Response::ServingStatus status = StatusOf(watch.service);
  if (watch.written == status) return;
  watch.written = status;
  watch.writing = true;
  Response response;
  response.set_status(status);
  watch.stream.Write(ToByteBuffer(response));
}

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
  for (Watch* watch : watches_) Follow(*watch);
}

void HealthService::Stop() {
  MutexLock lock(mu_);
  stopping_ = true;
  for (Watch* watch : watches_) Follow(*watch);
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
    return stream.Finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT,
                                      WhyUnreadable(*request.GetDescriptor())));
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
  Follow(*watch);
}

}  // namespace chatgate
