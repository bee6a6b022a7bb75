#include "tests/sse/sse_streams_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace chatgate {

SseReader::SseReader(int port, const std::string& target,
                     const std::string& headers, const std::string& verb,
                     int receive_bytes) {
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_bytes > 0) {
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes,
               sizeof(receive_bytes));
  }
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(
      connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
      0);
  const std::string text = absl::StrCat(
      verb, " ", target, " HTTP/1.1\r\nHost: a\r\n", headers, "\r\n");
  EXPECT_EQ(send(socket_, text.data(), text.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(text.size()));
}
SseReader::~SseReader() { close(socket_); }

void SseReader::EndSending() { shutdown(socket_, SHUT_WR); }

std::vector<uint64_t> SseReader::NextSeqs(size_t count) {
  std::vector<uint64_t> seqs;
  while (seqs.size() < count) {
    const std::string record = Next();
    if (record.empty()) break;
    const size_t at = record.find("\"seq\": \"");
    uint64_t seq = 0;
    if (at == std::string::npos) continue;
    const std::string rest = record.substr(at + 8);
    EXPECT_TRUE(absl::SimpleAtoi(rest.substr(0, rest.find('"')), &seq));
    seqs.push_back(seq);
  }
  return seqs;
}

std::string SseReader::Until(const std::string& mark) {
  size_t end = 0;
  while ((end = buffer_.find(mark)) == std::string::npos) {
    char bytes[4096];
    const ssize_t count = recv(socket_, bytes, sizeof(bytes), 0);
    if (count <= 0) return "";
    buffer_.append(bytes, static_cast<size_t>(count));
  }
  std::string text = buffer_.substr(0, end + mark.size());
  buffer_.erase(0, end + mark.size());
  return text;
}

SseStreamsTest::~SseStreamsTest() {
  log_.Unblock();
  End();
}

void SseStreamsTest::Start(const SseStreams::Options& options,
                           size_t streams_max) {
  End();
  hub_ = Hub::Create(log_.Head());
  log_.OnHead([this](uint64_t head) { hub_->SetHead(head); });
  streams_ = std::make_unique<SseStreams>(
      Authenticator({{{"reader", v1::READER, {}}, kToken},
                     {{"only", v1::READER, {777}}, "only-777-token"}}),
      std::set<uint64_t>{777, 888}, log_, *hub_, options, metrics_);
  RouteTable routes;
  streams_->AddTo(&routes);
  routes.Add("POST", "/webhook",
             [](const HttpRequest&) { return HttpResponse(); });
  HttpServer::Options server;
  server.listen = "127.0.0.1:0";
  server.connections_max = 2;
  server.long_answers_max = streams_max;
  ASSERT_OK_AND_ASSIGN(server_, HttpServer::Start(server, routes));
}

void SseStreamsTest::End() {
  if (server_ == nullptr) return;
  hub_->Close();
  server_->Stop(absl::Seconds(5));
  server_ = nullptr;
  log_.OnHead(nullptr);
}

void SseStreamsTest::AddPart(uint64_t app_id, const std::string& direction,
                             size_t bytes) {
  v1::Event event;
  event.set_app_id(app_id);
  auto* part = event.mutable_dashly_conversation()->mutable_conversation();
  part->set_direction(direction);
  part->set_body(std::string(bytes, 'x'));
  log_.Add(event);
}

std::unique_ptr<SseReader> SseStreamsTest::Open(const std::string& query,
                                                const std::string& headers,
                                                const std::string& token) {
  std::unique_ptr<SseReader> reader;
  do {
    reader = std::make_unique<SseReader>(
        server_->port(), absl::StrCat("/v1/stream?", query),
        absl::StrCat("Authorization: Bearer ", token, "\r\n", headers));
    head_ = reader->Head();
    // The connection before has not quite ended yet.
  } while (absl::StrContains(head_, "Retry-After: 1\r\n"));
  return reader;
}

}  // namespace chatgate
