#include "server/service/grpc_server.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "server/rpc/rpc_acceptor.h"
#include "server/rpc/rpc_queue.h"
#include "server/service/health_service.h"

namespace chatgate {
namespace {

constexpr int kReceiveBytesMax = 4 << 20;
constexpr int kQueuesMax = 8;
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

int Milliseconds(absl::Duration time) {
  return static_cast<int>(absl::ToInt64Milliseconds(time));
}

void SetArguments(const GrpcServerOptions& options,
                  grpc::ServerBuilder* builder) {
  // Otherwise a second gateway could take the same port in silence.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Clients may ping every ten seconds, also without a call.
  builder->AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 9'000);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Finds connections whose other end is gone without a word.
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS,
                              Milliseconds(options.keepalive_interval));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                              Milliseconds(options.keepalive_timeout));
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder->SetMaxReceiveMessageSize(kReceiveBytesMax);
}

// Half of the processors read and write connections; the others work.
int QueuesOf(const GrpcServerOptions& options) {
  if (options.queues > 0) return options.queues;
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()) / 2,
                    1, kQueuesMax);
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
  explicit GrpcServerImpl(std::vector<const RpcService*> services)
      : health_(NamesOf(services)) {
    services.push_back(&health_.service());
    for (const RpcService* service : services) {
      acceptors_.push_back(std::make_unique<RpcAcceptor>(*service));
    }
  }

  ~GrpcServerImpl() override { Shutdown(absl::ZeroDuration()); }

  // False where it cannot listen.
  bool Start(const GrpcServerOptions& options, grpc::ServerBuilder* builder) {
    int port = 0;
    builder->AddListeningPort(options.listen, CredentialsFor(options.tls),
                              &port);
    for (const auto& acceptor : acceptors_) {
      builder->RegisterService(acceptor.get());
    }
    for (int i = 0; i < QueuesOf(options); ++i) {
      queues_.push_back(
          std::make_unique<RpcQueue>(builder->AddCompletionQueue()));
    }
    server_ = builder->BuildAndStart();
    if (server_ == nullptr || port == 0) return false;
    address_ = absl::StrCat(options.listen.substr(0, options.listen.rfind(':')),
                            ":", port);
    for (const auto& queue : queues_) {
      for (const auto& acceptor : acceptors_) acceptor->Begin(*queue);
      queue->Start();
    }
    return true;
  }

  const std::string& address() const override { return address_; }

  void SetServing(bool serving) override { health_.SetServing(serving); }

  void Shutdown(absl::Duration grace) override {
    if (server_ == nullptr || is_shut_down_.exchange(true)) return;
    health_.Stop();
    server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
    for (const auto& queue : queues_) queue->Stop();
    server_->Wait();
  }

  std::shared_ptr<grpc::Channel> InProcessChannel() override {
    return server_->InProcessChannel({});
  }

 private:
  static std::set<std::string> NamesOf(
      const std::vector<const RpcService*>& services) {
    std::set<std::string> names;
    for (const RpcService* service : services) names.insert(service->name());
    return names;
  }

  HealthService health_;
  // The queues end before the server, and the server before its services.
  std::vector<std::unique_ptr<RpcAcceptor>> acceptors_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::unique_ptr<RpcQueue>> queues_;
  std::string address_;
  std::atomic<bool> is_shut_down_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(
    const GrpcServerOptions& options,
    const std::vector<const RpcService*>& services) {
  // Its library registers itself when it is loaded; but a linker that drops
  // what nobody calls would not load it.
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();

  grpc::ServerBuilder builder;
  SetArguments(options, &builder);
  if (!options.reflection) {
    builder.SetOption(std::make_unique<WithoutReflection>());
  }
  auto server = std::make_unique<GrpcServerImpl>(services);
  if (!server->Start(options, &builder)) return WhyNotListening(options);
  return server;
}

}  // namespace chatgate
