#include "server/service/grpc_server.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpc/health/v1/health.pb.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"

namespace chatgate {
namespace {

constexpr int kReceiveBytesMax = 4 << 20;
constexpr absl::string_view kReflectionPlugin = "proto_server_reflection";

// The reflection library switches itself on for every server of the process;
// this takes it out again.
class WithoutReflection final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments* /*arguments*/) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>*
                         plugins) override {
    plugins->erase(std::remove_if(plugins->begin(), plugins->end(),
                                  [](const auto& plugin) {
                                    return plugin->name() ==
                                           std::string(kReflectionPlugin);
                                  }),
                   plugins->end());
  }
};

void SetArguments(grpc::ServerBuilder* builder) {
  // Otherwise a second gateway could take the same port in silence.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Clients may ping every ten seconds, also without a call.
  builder->AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 9'000);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Finds connections whose other end is gone without a word.
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder->SetMaxReceiveMessageSize(kReceiveBytesMax);
}

std::shared_ptr<grpc::ServerCredentials> CredentialsFor(
    const std::optional<TlsKeys>& tls) {
  if (!tls.has_value()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options(
      tls->client_ca.empty()
          ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
          : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = tls->client_ca;
  options.pem_key_cert_pairs.push_back({tls->private_key, tls->cert_chain});
  return grpc::SslServerCredentials(options);
}

std::pair<std::string, std::string> SplitAddress(const std::string& address) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') {
    host = host.substr(1, host.size() - 2);
  }
  return {host, colon == std::string::npos ? "" : address.substr(colon + 1)};
}

// gRPC does not say why it could not listen, so that we try it ourselves.
absl::Status WhyNotListening(const GrpcServerOptions& options) {
  const auto [host, port] = SplitAddress(options.listen);
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat(
        "cannot listen on ", options.listen, ": ", gai_strerror(error)));
  }
  const int socket =
      ::socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, 0);
  const int one = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  const bool bound = bind(socket, found->ai_addr, found->ai_addrlen) == 0 &&
                     listen(socket, 1) == 0;
  const int reason = errno;
  close(socket);
  freeaddrinfo(found);
  if (!bound) {
    return absl::UnavailableError(absl::StrCat(
        "cannot listen on ", options.listen, ": ", std::strerror(reason)));
  }
  if (options.tls.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot listen on ", options.listen,
                     ": the TLS certificate or key cannot be used"));
  }
  return absl::UnavailableError(
      absl::StrCat("cannot listen on ", options.listen));
}

class GrpcServerImpl final : public GrpcServer {
 public:
  GrpcServerImpl(std::unique_ptr<grpc::Server> server, std::string address)
      : server_(std::move(server)), address_(std::move(address)) {
    SetServing(false);
  }

  ~GrpcServerImpl() override { Shutdown(absl::ZeroDuration()); }

  const std::string& address() const override { return address_; }

  void SetServing(bool serving) override {
    grpc::HealthCheckServiceInterface* health =
        server_->GetHealthCheckService();
    health->SetServingStatus("chatgate.v1.ChatService", serving);
    health->SetServingStatus(serving);
  }

  void Shutdown(absl::Duration grace) override {
    server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
    server_->Wait();
  }

  std::shared_ptr<grpc::Channel> InProcessChannel() override {
    return server_->InProcessChannel({});
  }

 private:
  const std::unique_ptr<grpc::Server> server_;
  const std::string address_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(
    const GrpcServerOptions& options,
    const std::vector<grpc::Service*>& services) {
  // Links the descriptor in, without which reflection could list health but not
  // describe it.
  grpc::health::v1::HealthCheckRequest::descriptor();
  grpc::EnableDefaultHealthCheckService(true);
  // Its library registers itself when it is loaded; but a linker that drops
  // what nobody calls would not load it.
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();

  grpc::ServerBuilder builder;
  SetArguments(&builder);
  if (!options.reflection) {
    builder.SetOption(std::make_unique<WithoutReflection>());
  }
  int port = 0;
  builder.AddListeningPort(options.listen, CredentialsFor(options.tls), &port);
  for (grpc::Service* service : services) builder.RegisterService(service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) return WhyNotListening(options);
  const size_t colon = options.listen.rfind(':');
  return std::make_unique<GrpcServerImpl>(
      std::move(server),
      absl::StrCat(options.listen.substr(0, colon), ":", port));
}

}  // namespace chatgate
