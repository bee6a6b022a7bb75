#include "server/web_api/http_transport.h"

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/loopback_server.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_certificate.h"
#include "tests/webhook/raw_client.h"

namespace chatgate {
namespace {

using std::chrono::milliseconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kToken[] = "app.777.secret+/";
constexpr char kEncodedToken[] = "app.777.secret%2B%2F";

RestCall GetCall() {
  return {v1::GET, "conversations/5", {{"id_as_string", "true"}}};
}

RestCall PostCall() {
  return {v1::POST, "conversations/5/reply", {{"body", "a b"}}};
}

class HttpTransportTest : public ::testing::Test {
 protected:
  HttpTransportTest() : resolver_(MakeSystemResolver()) {
    options_.token = kToken;
    options_.request_max = milliseconds(10'000);
  }

  void Serve(LoopbackServer::Script script, ssl_ctx_st* tls = nullptr) {
    server_ = std::make_unique<LoopbackServer>(std::move(script), tls);
    options_.base_url = absl::StrCat("http", tls == nullptr ? "" : "s",
                                     "://localhost:", server_->port(), "/v1");
  }

  void Open() {
    auto transport = HttpTransport::Create(*resolver_, options_);
    ASSERT_THAT(transport, IsOk());
    transport_ = *std::move(transport);
  }

  std::future<TransportAnswer> Send(RestCall call,
                                    absl::Duration patience = absl::Hours(1)) {
    if (transport_ == nullptr) Open();
    auto answered = std::make_shared<std::promise<TransportAnswer>>();
    transport_->Send({std::move(call), absl::Now() + patience},
                     [answered](TransportAnswer answer) {
                       answered->set_value(std::move(answer));
                     });
    return answered->get_future();
  }
  TransportAnswer Ask(RestCall call) { return Send(std::move(call)).get(); }

  TempDir dir_;
  std::unique_ptr<Resolver> resolver_;
  HttpTransportOptions options_;
  std::unique_ptr<LoopbackServer> server_;
  std::unique_ptr<HttpTransport> transport_;
};

TEST_F(HttpTransportTest, ReadsSendQueryAndToken) {
  std::promise<std::string> request;
  Serve([&](Peer& peer) {
    request.set_value(peer.ReadRequest());
    peer.Write(HttpText(200, "{}"));
  });
  const TransportAnswer answer = Ask(GetCall());
  EXPECT_THAT(answer.status, IsOk());
  EXPECT_EQ(answer.http_status, 200);
  EXPECT_EQ(answer.body, "{}");
  const std::string text = request.get_future().get();
  EXPECT_THAT(text, StartsWith(absl::StrCat(
                        "GET /v1/conversations/5?id_as_string=true&auth_token=",
                        kEncodedToken, " HTTP/1.1\r\n")));
  EXPECT_THAT(text, HasSubstr(absl::StrCat(
                        "\r\nHost: localhost:", server_->port(), "\r\n")));
}

TEST_F(HttpTransportTest, ChangesSendFormAndToken) {
  std::promise<std::string> request;
  Serve([&](Peer& peer) {
    request.set_value(peer.ReadRequest());
    peer.Write(HttpText(200, "{}"));
  });
  EXPECT_THAT(Ask(PostCall()).status, IsOk());
  const std::string text = request.get_future().get();
  EXPECT_THAT(text, StartsWith("POST /v1/conversations/5/reply HTTP/1.1\r\n"));
  EXPECT_THAT(text, HasSubstr("application/x-www-form-urlencoded\r\n"));
  EXPECT_THAT(text, EndsWith(absl::StrCat("\r\n\r\nbody=a%20b&auth_token=",
                                          kEncodedToken)));
}

TEST_F(HttpTransportTest, ConnectionIsKeptForTheNextRequest) {
  Serve(AnswerAll(HttpText(200, "{}")));
  for (int i = 0; i < 5; ++i) EXPECT_THAT(Ask(PostCall()).status, IsOk());
  EXPECT_EQ(server_->connections(), 1);
}

TEST_F(HttpTransportTest, ConnectionThatThePlatformLeftIsNotUsedAgain) {
  Serve([](Peer& peer) {
    peer.ReadRequest();
    peer.Write(HttpText(200, "{}"));
  });
  for (int i = 0; i < 3; ++i) {
    TransportAnswer answer = Ask(PostCall());
    // The end may come in between; then nobody knows.
    EXPECT_TRUE(answer.status.ok() || answer.maybe_sent);
  }
  EXPECT_GE(server_->connections(), 2);
}

TEST_F(HttpTransportTest, NobodyThereIsAProofThatNothingWasSent) {
  { Serve(AnswerAll("")); }
  server_.reset();
  const TransportAnswer answer = Ask(PostCall());
  EXPECT_THAT(answer.status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(answer.maybe_sent);
}

TEST_F(HttpTransportTest, LostAnswerMayHaveBeenSent) {
  Serve([](Peer& peer) { peer.ReadRequest(); });
  const TransportAnswer answer = Ask(PostCall());
  EXPECT_THAT(answer.status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(answer.maybe_sent);
}

TEST_F(HttpTransportTest, DrippingAnswerEndsOnTime) {
  Serve([](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\nX: ");
    while (!peer.Ends(absl::Milliseconds(20)) && peer.Write("x")) continue;
  });
  options_.request_max = milliseconds(300);
  const absl::Time begin = absl::Now();
  const TransportAnswer answer = Ask(PostCall());
  EXPECT_THAT(answer.status, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_TRUE(answer.maybe_sent);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
}

TEST_F(HttpTransportTest, CallersDeadlineEndsItEarlier) {
  Serve([](Peer& peer) { peer.Ends(absl::Minutes(1)); });
  EXPECT_THAT(Send(PostCall(), absl::Milliseconds(200)).get().status,
              StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(HttpTransportTest, PlatformThatLetsNobodyInIsNotThere) {
  Serve([](Peer& peer) { peer.Ends(absl::Minutes(1)); });
  options_.base_url = absl::StrCat("https://localhost:", server_->port());
  options_.connect_max = milliseconds(100);
  const TransportAnswer answer = Ask(PostCall());
  EXPECT_THAT(answer.status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(answer.maybe_sent);
  // Where the caller gave less time, it was the caller's.
  const TransportAnswer hurried =
      Send(PostCall(), absl::Milliseconds(50)).get();
  EXPECT_THAT(hurried.status, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_FALSE(hurried.maybe_sent);
}

TEST_F(HttpTransportTest, TokenInAnAnswerIsBlanked) {
  Serve(AnswerAll(HttpText(401, absl::StrCat("bad token ", kToken, "!"))));
  EXPECT_EQ(Ask(GetCall()).body, "bad token ...!");
}

TEST_F(HttpTransportTest, ATokenOfDotsIsBlankedOnce) {
  options_.token = "...";
  Serve(AnswerAll(HttpText(401, "bad token ......!")));
  EXPECT_EQ(Ask(GetCall()).body, "bad token ......!");
  options_.token = ".";
  transport_ = nullptr;
  Serve(AnswerAll(HttpText(401, "bad token.")));
  EXPECT_EQ(Ask(GetCall()).body, "bad token...");
}

TEST_F(HttpTransportTest, BombIsRefused) {
  const std::string bomb = Gzip(std::string(2 << 20, ' '));
  Serve(AnswerAll(HttpText(200, bomb, "Content-Encoding: gzip\r\n")));
  options_.limits.body_bytes_max = 1 << 20;
  EXPECT_THAT(Ask(GetCall()).status,
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(HttpTransportTest, RequestsBeyondTheConnectionsWait) {
  options_.connections_max = 2;
  options_.waiting_max = 3;
  Serve([](Peer& peer) { peer.Ends(absl::Minutes(1)); });
  std::vector<std::future<TransportAnswer>> sent;
  // Two on their way, three that wait; how fast threads take them is theirs.
  for (int i = 0; i < 6; ++i) sent.push_back(Send(PostCall()));
  while (server_->connections() < 2) std::this_thread::yield();
  sent.push_back(Send(PostCall()));
  sent.push_back(Send(PostCall()));
  sent.push_back(Send(PostCall()));
  const TransportAnswer refused = sent.back().get();
  EXPECT_THAT(refused.status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_FALSE(refused.maybe_sent);
  EXPECT_EQ(server_->connections(), 2);
}

TEST_F(HttpTransportTest, CloseEndsWhatIsUnderWay) {
  options_.connections_max = 1;
  std::promise<void> arrived;
  Serve([&](Peer& peer) {
    peer.ReadRequest();
    arrived.set_value();
    peer.Ends(absl::Minutes(1));
  });
  auto under_way = Send(PostCall());
  auto waiting = Send(PostCall());
  arrived.get_future().wait();
  transport_->Close();
  const TransportAnswer cut = under_way.get();
  EXPECT_THAT(cut.status, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_TRUE(cut.maybe_sent);
  EXPECT_FALSE(waiting.get().maybe_sent);
  EXPECT_THAT(Ask(PostCall()).status, StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(HttpTransportTest, TrustedCertificateOfTheHostIsAccepted) {
  const TestCertificate certificate("localhost");
  Serve(AnswerAll(HttpText(200, "{}")), certificate.server);
  options_.ca_file = dir_.Write("ca.pem", certificate.pem);
  EXPECT_THAT(Ask(PostCall()).status, IsOk());
  EXPECT_THAT(Ask(PostCall()).status, IsOk());
  EXPECT_EQ(server_->connections(), 1);
}

TEST_F(HttpTransportTest, WhatCameUnaskedWithTheAnswerEndsTheConnection) {
  const TestCertificate certificate("localhost");
  Serve(
      [](Peer& peer) {
        if (peer.ReadRequest().empty()) return;
        peer.WriteAtOnce({HttpText(200, "asked"), HttpText(200, "unasked")});
        if (peer.ReadRequest().empty()) return;
        peer.Write(HttpText(200, "asked"));
      },
      certificate.server);
  options_.connections_max = 1;
  options_.ca_file = dir_.Write("ca.pem", certificate.pem);
  EXPECT_EQ(Ask(PostCall()).body, "asked");
  EXPECT_EQ(Ask(PostCall()).body, "asked");
  EXPECT_EQ(server_->connections(), 2);
}

TEST_F(HttpTransportTest, OtherCertificatesAreRefusedBeforeAnythingIsSent) {
  const TestCertificate wrong_name("elsewhere.example");
  Serve(AnswerAll(HttpText(200, "{}")), wrong_name.server);
  options_.ca_file = dir_.Write("ca.pem", wrong_name.pem);
  TransportAnswer answer = Ask(PostCall());
  EXPECT_THAT(answer.status, StatusIs(absl::StatusCode::kUnavailable,
                                      HasSubstr("certificate")));
  EXPECT_FALSE(answer.maybe_sent);

  const TestCertificate unknown("localhost");
  Serve(AnswerAll(HttpText(200, "{}")), unknown.server);
  Open();
  answer = Ask(PostCall());
  EXPECT_THAT(answer.status, StatusIs(absl::StatusCode::kUnavailable,
                                      HasSubstr("certificate")));
  EXPECT_FALSE(answer.maybe_sent);
}

TEST_F(HttpTransportTest, ProxyIsAskedForPlainRequestsWhole) {
  std::promise<std::string> request;
  LoopbackServer proxy([&](Peer& peer) {
    request.set_value(peer.ReadRequest());
    peer.Write(HttpText(200, "{}"));
  });
  options_.base_url = "http://platform.example/v1/";
  options_.proxy = absl::StrCat("http://me:pass@127.0.0.1:", proxy.port());
  EXPECT_THAT(Ask(GetCall()).status, IsOk());
  const std::string text = request.get_future().get();
  EXPECT_THAT(text,
              StartsWith("GET http://platform.example/v1/conversations/5?"));
  EXPECT_THAT(text, HasSubstr("Proxy-Authorization: Basic bWU6cGFzcw==\r\n"));
}

TEST_F(HttpTransportTest, ProxyTunnelsTlsAlsoWhenItSpeaksHttp10) {
  const TestCertificate certificate("platform.example");
  std::promise<std::string> connect;
  LoopbackServer proxy([&](Peer& peer) {
    connect.set_value(peer.ReadRequest());
    peer.Write("HTTP/1.0 200 Connection established\r\n\r\n");
    if (!peer.StartTls(certificate.server)) return;
    peer.ReadRequest();
    peer.Write(HttpText(200, "{}"));
  });
  options_.base_url = "https://platform.example/v1";
  options_.proxy = absl::StrCat("http://127.0.0.1:", proxy.port());
  options_.ca_file = dir_.Write("ca.pem", certificate.pem);
  EXPECT_THAT(Ask(PostCall()).status, IsOk());
  const std::string text = connect.get_future().get();
  EXPECT_THAT(text, StartsWith("CONNECT platform.example:443 HTTP/1.1\r\n"));
  EXPECT_THAT(text, Not(HasSubstr(kEncodedToken)));
}

TEST_F(HttpTransportTest, ProxyThatRefusesIsAProofThatNothingWasSent) {
  LoopbackServer proxy(AnswerAll("HTTP/1.1 407 Authenticate\r\n\r\n"));
  options_.base_url = "https://platform.example/v1";
  options_.proxy = absl::StrCat("http://127.0.0.1:", proxy.port());
  const TransportAnswer answer = Ask(PostCall());
  EXPECT_THAT(answer.status, StatusIs(absl::StatusCode::kUnavailable,
                                      HasSubstr("HTTP status 407")));
  EXPECT_FALSE(answer.maybe_sent);
}

TEST_F(HttpTransportTest, ProxyThatSaysMoreThanItWasAskedIsNotTrusted) {
  LoopbackServer proxy(AnswerAll("HTTP/1.1 200 OK\r\n\r\nmore"));
  options_.base_url = "https://platform.example/v1";
  options_.proxy = absl::StrCat("http://127.0.0.1:", proxy.port());
  const TransportAnswer answer = Ask(PostCall());
  EXPECT_THAT(answer.status, StatusIs(absl::StatusCode::kUnavailable,
                                      HasSubstr("more than it was asked")));
  EXPECT_FALSE(answer.maybe_sent);
}

TEST_F(HttpTransportTest, WrongOptionsAreNamedWithoutSecrets) {
  const auto problem = [this](const std::string& url,
                              const std::string& proxy) {
    options_.base_url = url;
    options_.proxy = proxy;
    const auto transport = HttpTransport::Create(*resolver_, options_);
    EXPECT_FALSE(transport.ok());
    return std::string(transport.status().message());
  };
  EXPECT_THAT(problem("ftp://x", ""), StartsWith("base_url: "));
  EXPECT_THAT(problem("http://x/v1?a=b", ""), StartsWith("base_url: "));
  EXPECT_THAT(problem("http://x", "socks://u:pw@h"), StartsWith("proxy: "));
  EXPECT_THAT(problem("http://x", "http://u:pw@h:1/p"), StartsWith("proxy: "));
  EXPECT_THAT(problem("http://x", "https://u:pw@h"), Not(HasSubstr("pw")));
  options_.ca_file = dir_.File("none.pem");
  EXPECT_THAT(problem("http://x", ""), StartsWith("ca_file: "));
}

}  // namespace
}  // namespace chatgate
