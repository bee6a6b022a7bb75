#include "server/outbox/http_poster.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/countdown.h"
#include "tests/outbox/loopback_receiver.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_certificate.h"

namespace chatgate {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// Says that every host is where it is told.
class FakeResolver final : public Resolver {
 public:
  absl::StatusOr<std::vector<SocketAddress>> Resolve(const std::string&,
                                                     uint16_t port) override {
    ++asked;
    const Countdown slow(takes);
    while (!slow.IsOver()) std::this_thread::yield();
    return std::vector<SocketAddress>{*SocketAddress::FromDigits(digits, port)};
  }
  void Cancel() override { cancelled = true; }
  std::string digits = "127.0.0.1";
  std::atomic<bool> cancelled = false;
  absl::Duration takes;
  int asked = 0;
};

class HttpPosterTest : public ::testing::Test {
 protected:
  // Short enough to cross in a test.
  HttpPosterTest() {
    options_.total_max = milliseconds(400);
    options_.wait_max = milliseconds(200);
    options_.connect_max = milliseconds(200);
  }

  absl::StatusOr<int> PostTo(const std::string& url,
                             const std::string& form = "a=b",
                             bool allow_private = true) {
    if (poster_ == nullptr) {
      absl::StatusOr<std::unique_ptr<HttpPoster>> made =
          HttpPoster::Create(resolver_, options_);
      if (!made.ok()) return made.status();
      poster_ = *std::move(made);
    }
    return poster_->Post(*ParseWebhookUrl(url), allow_private, form);
  }
  absl::StatusOr<int> Post(const LoopbackReceiver& receiver,
                           const std::string& form = "a=b") {
    return PostTo(absl::StrCat("http://hooks.test:", receiver.port(), "/x?y=z"),
                  form);
  }

  FakeResolver resolver_;
  HttpPosterOptions options_;
  std::unique_ptr<HttpPoster> poster_;
};

TEST_F(HttpPosterTest, SendsWhatDashlySends) {
  LoopbackReceiver receiver(Answer(kOk));
  EXPECT_THAT(Post(receiver, "conversation=%7B%7D&type=conversation&token=t"),
              IsOkAndHolds(200));
  EXPECT_THAT(
      receiver.requests(),
      ElementsAre(absl::StrCat(
          "POST /x?y=z HTTP/1.1\r\nHost: hooks.test:", receiver.port(),
          "\r\nUser-Agent: Dashly Webhook 1.0\r\n"
          "Content-Type: application/x-www-form-urlencoded\r\n"
          "Content-Length: 45\r\nAccept: */*\r\nConnection: close\r\n\r\n"
          "conversation=%7B%7D&type=conversation&token=t")));
}

TEST_F(HttpPosterTest, SendsALargeForm) {
  LoopbackReceiver receiver(Answer(kOk));
  const std::string form = "a=" + std::string(3'000'000, 'x');
  EXPECT_THAT(Post(receiver, form), IsOkAndHolds(200));
  ASSERT_THAT(receiver.requests(), SizeIs(1));
  EXPECT_THAT(receiver.requests()[0].substr(receiver.requests()[0].size() -
                                            form.size()),
              form);
}

TEST_F(HttpPosterTest, ARedirectIsAnAnswerAndNotFollowed) {
  LoopbackReceiver receiver(Answer(
      "HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_THAT(Post(receiver), IsOkAndHolds(302));
  EXPECT_EQ(receiver.connections(), 1);
}

TEST_F(HttpPosterTest, AnInterimAnswerIsPassedOver) {
  LoopbackReceiver receiver(
      Answer(absl::StrCat("HTTP/1.1 103 Early Hints\r\n\r\n", kOk)));
  EXPECT_THAT(Post(receiver), IsOkAndHolds(200));
}

TEST_F(HttpPosterTest, WhatIsNoHttpIsNoAnswer) {
  for (const char* bytes : {"", "hello\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
                            "HTTP/1.1 2000\r\n\r\n", "HTTP/1.1 200 OK\r\n"}) {
    LoopbackReceiver receiver(Answer(bytes));
    EXPECT_THAT(Post(receiver), StatusIs(absl::StatusCode::kUnavailable))
        << bytes;
  }
}

TEST_F(HttpPosterTest, NobodyThereIsNoAnswer) {
  uint16_t port = 0;
  { port = LoopbackReceiver(Answer(kOk)).port(); }
  EXPECT_THAT(PostTo(absl::StrCat("http://hooks.test:", port, "/")),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("Connection refused")));
}

// A byte now and then, for ever: each wait is short, the whole is not.
TEST_F(HttpPosterTest, ADrippingHeadEndsAtTheTotalDeadline) {
  LoopbackReceiver receiver([](const LoopbackReceiver::Write& write) {
    Mutex mu;
    CondVar nobody;
    write("HTTP/1.1 200 OK\r\nX: ");
    while (write("x")) {
      MutexLock lock(mu);
      nobody.WaitFor(mu, absl::Milliseconds(20));
    }
  });
  const auto begin = steady_clock::now();
  EXPECT_THAT(Post(receiver), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_GE(steady_clock::now() - begin, options_.total_max);
}

TEST_F(HttpPosterTest, AnEndlessHeadEndsAtItsLimit) {
  options_.total_max = options_.wait_max = milliseconds(60'000);
  LoopbackReceiver receiver([](const LoopbackReceiver::Write& write) {
    write("HTTP/1.1 200 OK\r\nX: ");
    while (write(std::string(1000, 'x'))) {
    }
  });
  EXPECT_THAT(Post(receiver), StatusIs(absl::StatusCode::kUnavailable,
                                       HasSubstr("head is too long")));
}

TEST_F(HttpPosterTest, SilenceEndsAtTheLimitOfOneWait) {
  options_.total_max = milliseconds(60'000);
  options_.wait_max = milliseconds(50);
  Mutex mu;
  CondVar changed;
  bool done = false;
  LoopbackReceiver receiver([&](const LoopbackReceiver::Write&) {
    MutexLock lock(mu);
    while (!done) changed.Wait(mu);
  });
  EXPECT_THAT(Post(receiver), StatusIs(absl::StatusCode::kDeadlineExceeded));
  MutexLock lock(mu);
  done = true;
  changed.Signal();
}

// The handshake too: a peer that accepts and says nothing.
TEST_F(HttpPosterTest, AHandshakeThatNeverEndsEndsAtTheDeadline) {
  LoopbackReceiver receiver(Answer(kOk));  // Waits for a head, in the clear.
  EXPECT_THAT(PostTo(absl::StrCat("https://hooks.test:", receiver.port(), "/")),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(HttpPosterTest, CancelEndsAWaitAndAllLaterPosts) {
  options_.total_max = options_.wait_max = milliseconds(60'000);
  LoopbackReceiver receiver(
      [&](const LoopbackReceiver::Write&) { poster_->Cancel(); });
  EXPECT_THAT(Post(receiver), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_TRUE(resolver_.cancelled);
  EXPECT_THAT(Post(receiver), StatusIs(absl::StatusCode::kCancelled));
}

// It would be the receiver who is blamed.
TEST_F(HttpPosterTest, ASlowNameServiceTakesNothingOfTheReceiversTime) {
  LoopbackReceiver receiver(Answer(kOk));
  resolver_.takes =
      absl::FromChrono(options_.total_max) + absl::Milliseconds(100);
  EXPECT_THAT(Post(receiver), IsOkAndHolds(200));
}

TEST_F(HttpPosterTest, APrivateAddressIsRefusedBeforeAnyConnection) {
  LoopbackReceiver receiver(Answer(kOk));
  for (const char* digits : {"127.0.0.1", "169.254.169.254", "::1",
                             "::ffff:127.0.0.1", "10.0.0.1"}) {
    resolver_.digits = digits;
    EXPECT_THAT(PostTo(absl::StrCat("http://hooks.test:", receiver.port(), "/"),
                       "a=b", /*allow_private=*/false),
                StatusIs(absl::StatusCode::kPermissionDenied));
  }
  EXPECT_EQ(receiver.connections(), 0);
}

// What was checked is what is connected to: there is no second look-up that
// could say something else.
TEST_F(HttpPosterTest, ResolvesOnceAPost) {
  LoopbackReceiver receiver(Answer(kOk));
  EXPECT_THAT(Post(receiver), IsOkAndHolds(200));
  EXPECT_EQ(resolver_.asked, 1);
}

class HttpPosterTlsTest : public HttpPosterTest {
 protected:
  HttpPosterTlsTest()
      : certificate_("hooks.test"),
        receiver_(Answer(kOk), certificate_.server) {
    options_.total_max = options_.wait_max = milliseconds(10'000);
  }
  std::string Url(const std::string& host) {
    return absl::StrCat("https://", host, ":", receiver_.port(), "/");
  }
  TempDir dir_;
  TestCertificate certificate_;
  LoopbackReceiver receiver_;
};

TEST_F(HttpPosterTlsTest, PostsToAHostThatProvesItsName) {
  options_.ca_file = dir_.Write("ca.pem", certificate_.pem);
  const std::string form = "a=" + std::string(300'000, 'x');
  EXPECT_THAT(PostTo(Url("hooks.test"), form), IsOkAndHolds(200));
  ASSERT_THAT(receiver_.requests(), SizeIs(1));
  EXPECT_THAT(receiver_.requests()[0], ::testing::EndsWith(form));
}

TEST_F(HttpPosterTlsTest, RefusesACertificateOfAnotherName) {
  options_.ca_file = dir_.Write("ca.pem", certificate_.pem);
  EXPECT_THAT(
      PostTo(Url("other.test")),
      StatusIs(absl::StatusCode::kUnavailable, HasSubstr("certificate")));
  EXPECT_THAT(receiver_.requests(), IsEmpty());
}

TEST_F(HttpPosterTlsTest, RefusesACertificateOfAnAddress) {
  options_.ca_file = dir_.Write("ca.pem", certificate_.pem);
  EXPECT_THAT(PostTo(Url("127.0.0.1")), StatusIs(absl::StatusCode::kUnavailable,
                                                 HasSubstr("certificate")));
}

TEST_F(HttpPosterTlsTest, RefusesACertificateThatNobodySigned) {
  EXPECT_THAT(
      PostTo(Url("hooks.test")),
      StatusIs(absl::StatusCode::kUnavailable, HasSubstr("certificate")));
  EXPECT_THAT(receiver_.requests(), IsEmpty());
}

TEST_F(HttpPosterTlsTest, RefusesAnAuthorityFileThatIsNone) {
  options_.ca_file = dir_.Write("ca.pem", "nothing");
  EXPECT_THAT(PostTo(Url("hooks.test")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace chatgate
