#include "webhook/http_server.h"

#include <atomic>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/countdown.h"
#include "server/base/status_macros.h"
#include "webhook/connection_threads.h"
#include "webhook/http_exchange.h"
#include "webhook/later_answers.h"
#include "webhook/listener.h"
#include "webhook/long_answers.h"
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
        long_answers_(options_.long_answers_max),
        threads_(options_.connections_max, options_.reclaim_after,
                 [this](OpenConnection& connection) {
                   ServeConnection(connection);
                 }),
        listener_(std::move(listener)) {
    listener_->Start([this](int socket) { return threads_.TryServe(socket); },
                     [this] { Count(503); });
  }

  ~HttpServerImpl() override { Stop(absl::ZeroDuration()); }

  int port() const override { return listener_->port(); }

  void Stop(absl::Duration grace) override {
    stopping_ = true;
    listener_->Stop();
    // One grace for both.
    const Countdown left(grace);
    threads_.Stop(grace);
    long_answers_.Stop(left.Left());
  }

 private:
  void ServeConnection(OpenConnection& connection) {
    const int socket = connection.socket();
    SocketStream stream(socket);
    RequestReader reader(stream, options_.limits);
    HttpExchange exchange(options_.limits.body_bytes_max);
    const std::string remote_address = stream.RemoteAddress();
    // Idle once it is written.
    std::shared_ptr<OwedAnswer> owed;
    // Who connects wants something; only between requests is silence usual.
    absl::Duration silence_max = options_.limits.request_time_max;
    while (true) {
      if (owed == nullptr) connection.BeginIdle();
      const bool wanted = WaitForRequest(owed.get(), silence_max, reader);
      const bool is_reclaimed = !connection.EndIdle();
      if (!wanted) return;
      owed = nullptr;
      silence_max = kIdleTimeMax;
      RequestHead head;
      std::string body;
      std::optional<Refusal> refusal = reader.Read(
          DeadlineIn(options_.limits.request_time_max), &head, &body);
      // It was we who ended the reading, maybe in the middle of a request.
      if (refusal && refusal->status == 400 && (stopping_ || is_reclaimed)) {
        refusal = Refusal{503, "the connection was closed; send it again"};
      }
      // Nobody knows where the next request would begin.
      if (refusal) head.keep_alive = head.zipped = false;
      if (stopping_ || is_reclaimed) head.keep_alive = false;
      const bool keep_alive = head.keep_alive;
      const Answered answered =
          Exchange(exchange, std::move(head), refusal ? "" : std::move(body),
                   refusal, connection, remote_address);
      if (answered.is_long) return;
      owed = answered.owed;
      if (owed != nullptr) {
        if (keep_alive) continue;
        owed->Settle();
        return;
      }
      if (!stream
               .Write(answered.text,
                      DeadlineIn(options_.limits.request_time_max))
               .ok()) {
        return;
      }
      if (refusal) stream.Linger();
      if (!keep_alive) return;
    }
  }

  // Waits while an answer may still be owed, and sees to it that it is written.
  // False where the connection is to end.
  bool WaitForRequest(OwedAnswer* owed, absl::Duration silence_max,
                      RequestReader& reader) const {
    RequestReader::Wanted wanted = RequestReader::kSilence;
    if (owed != nullptr) {
      wanted = reader.WaitForRequest(owed->deadline());
      if (!owed->Settle()) return false;
    }
    // Silence counts from the answer.
    if (wanted == RequestReader::kSilence) {
      wanted = reader.WaitForRequest(DeadlineIn(silence_max));
    }
    return wanted == RequestReader::kRequest;
  }

  struct Answered {
    std::string text;  // To be written, unless one of these is set:
    std::shared_ptr<OwedAnswer> owed;
    bool is_long = false;  // The connection is another thread's.
  };

  Answered Exchange(HttpExchange& exchange, RequestHead head, std::string body,
                    const std::optional<Refusal>& unread,
                    OpenConnection& connection,
                    const std::string& remote_address) {
    Answered answered;
    const AnswerForm form = {.close = !head.keep_alive,
                             .head_only = head.method == "HEAD"};
    const auto answer =
        [&](std::optional<Refusal> refusal,
            std::string unzipped) -> std::optional<HttpResponse> {
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
      if (response.later) {
        answered.owed = later_answers_.Begin(*response.later, connection, form,
                                             options_.on_answer);
        return std::nullopt;
      }
      if (response.long_answer && head.method == "GET") {
        answered.is_long =
            long_answers_.Begin(connection.socket(), WithHead(response));
        if (!answered.is_long) {
          HttpHeaders headers = std::move(response.headers);
          response = ErrorResponse(503, "too many streams are open");
          response.headers = std::move(headers);
          response.headers.emplace_back("Retry-After", "5");
        }
      }
      Count(response.status);
      if (answered.is_long) return std::nullopt;
      return response;
    };
    answered.text = exchange.Run(head, std::move(body), form, answer);
    return answered;
  }

  // A long answer has no length: it ends with the connection.
  LongAnswer WithHead(const HttpResponse& response) const {
    std::string head = absl::StrCat(
        "HTTP/1.1 ", response.status,
        " OK\r\nConnection: close\r\nContent-Type: ", response.content_type,
        "\r\n");
    for (const auto& [name, value] : response.headers) {
      absl::StrAppend(&head, name, ": ", value, "\r\n");
    }
    head += "\r\n";
    return [head = std::move(head), body = response.long_answer,
            time_max = options_.limits.request_time_max](ByteStream& stream) {
      if (stream.Write(head, DeadlineIn(time_max)).ok()) body(stream);
    };
  }

  void Count(int status) const {
    if (options_.on_answer) options_.on_answer(status);
  }

  const Options options_;
  const RouteTable routes_;
  std::atomic<bool> stopping_ = false;
  LongAnswers long_answers_;
  LaterAnswers later_answers_;
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
