#include "webhook/http_server.h"

#include <atomic>
#include <optional>
#include <utility>

#include "server/base/status_macros.h"
#include "webhook/connection_threads.h"
#include "webhook/http_exchange.h"
#include "webhook/listener.h"
#include "webhook/request_reader.h"
#include "webhook/socket_stream.h"

namespace chatgate {
namespace {

class HttpServerImpl final : public HttpServer {
 public:
  HttpServerImpl(Options options, RouteTable routes,
                 std::unique_ptr<Listener> listener)
      : options_(std::move(options)),
        routes_(std::move(routes)),
        threads_(options_.connections_max,
                 [this](int socket) { ServeConnection(socket); }),
        listener_(std::move(listener)) {
    listener_->Start([this](int socket) { return threads_.TryServe(socket); },
                     [this] { Count(503); });
  }

  ~HttpServerImpl() override { Stop(absl::ZeroDuration()); }

  int port() const override { return listener_->port(); }

  void Stop(absl::Duration grace) override {
    stopping_ = true;
    listener_->Stop();
    threads_.Stop(grace);
  }

 private:
  void ServeConnection(int socket) {
    SocketStream stream(socket);
    RequestReader reader(stream, options_.limits);
    HttpExchange exchange(options_.limits.body_bytes_max);
    const std::string remote_address = stream.RemoteAddress();
    // Who connects wants something; only between requests is silence usual.
    absl::Duration silence_max = options_.limits.request_time_max;
    while (reader.WaitForRequest(DeadlineIn(silence_max))) {
      silence_max = kIdleTimeMax;
      RequestHead head;
      std::string body;
      const std::optional<Refusal> refusal = reader.Read(
          DeadlineIn(options_.limits.request_time_max), &head, &body);
      // Nobody knows where the next request would begin.
      if (refusal) head.keep_alive = head.zipped = false;
      if (stopping_) head.keep_alive = false;
      const bool keep_alive = head.keep_alive;
      const std::string answer =
          Exchange(exchange, std::move(head), refusal ? "" : std::move(body),
                   refusal, remote_address);
      if (!stream.Write(answer, DeadlineIn(options_.limits.request_time_max))
               .ok()) {
        return;
      }
      if (refusal) stream.Linger();
      if (!keep_alive) return;
    }
  }

  // The answer's bytes on the wire.
  std::string Exchange(HttpExchange& exchange, RequestHead head,
                       std::string body, const std::optional<Refusal>& unread,
                       const std::string& remote_address) {
    const auto answer = [&](std::optional<Refusal> refusal,
                            std::string unzipped) {
      HttpRequest request;
      request.method = head.method;
      request.segments = std::move(head.segments);
      request.query = std::move(head.query);
      request.headers = std::move(head.headers);
      request.body = std::move(unzipped);
      request.remote_address = remote_address;
      if (unread) refusal = unread;
      HttpResponse response =
          refusal ? routes_.Refuse(request, *refusal) : routes_.Answer(request);
      Count(response.status);
      return response;
    };
    return exchange.Run(head, std::move(body), !head.keep_alive, answer);
  }

  void Count(int status) const {
    if (options_.on_answer) options_.on_answer(status);
  }

  const Options options_;
  const RouteTable routes_;
  std::atomic<bool> stopping_ = false;
  ConnectionThreads threads_;
  // Ends before the threads it feeds.
  const std::unique_ptr<Listener> listener_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(
    Options options, RouteTable routes) {
  ASSIGN_OR_RETURN(std::unique_ptr<Listener> listener,
                   Listener::Bind(options.listen, !options.insecure));
  return std::make_unique<HttpServerImpl>(std::move(options), std::move(routes),
                                          std::move(listener));
}

}  // namespace chatgate
