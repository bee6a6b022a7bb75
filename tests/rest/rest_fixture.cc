#include "tests/rest/rest_fixture.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "simdjson.h"
#include "tests/webhook/raw_client.h"

namespace chatgate {

std::string RestAnswer::At(absl::string_view pointer) const {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::element value;
  if (parser.parse(body).get(root) != simdjson::SUCCESS) return "no JSON";
  if (root.at_pointer(std::string_view(pointer.data(), pointer.size()))
          .get(value) != simdjson::SUCCESS) {
    return "absent";
  }
  return simdjson::minify(value);
}

std::string RestAnswer::Header(absl::string_view name) const {
  for (absl::string_view line : absl::StrSplit(head, "\r\n")) {
    const std::pair<absl::string_view, absl::string_view> header =
        absl::StrSplit(line, absl::MaxSplits(": ", 1));
    if (absl::EqualsIgnoreCase(header.first, name)) {
      return std::string(header.second);
    }
  }
  return "";
}

RestTest::RestTest() { Restart(/*requests_per_minute=*/0); }

RestTest::~RestTest() { server_.reset(); }

void RestTest::Restart(uint32_t requests_per_minute,
                       std::vector<std::string> origins, Backend* backend) {
  server_.reset();
  if (backend == nullptr) backend = platform_.get();
  RestForm::Options options;
  options.apps = {{kApp, kToken, requests_per_minute, backend},
                  {kOtherApp, kOtherToken, requests_per_minute, backend}};
  options.cors_origins = std::move(origins);
  options.call_time_max = absl::Seconds(5);
  auto rest = RestForm::Create(options, clock_, metrics_);
  ASSERT_THAT(rest, IsOk());
  rest_ = *std::move(rest);
  RouteTable routes;
  rest_->AddTo(&routes);
  HttpServer::Options listen;
  listen.limits.body_bytes_max = 256 << 10;
  auto server = HttpServer::Start(listen, std::move(routes));
  ASSERT_THAT(server, IsOk());
  server_ = *std::move(server);
}

RestAnswer RestTest::Send(absl::string_view bytes) {
  RawClient client(server_->port());
  EXPECT_TRUE(client.Send(bytes));
  const RawAnswer answer = client.ReadAnswer(absl::StartsWith(bytes, "HEAD"));
  return {answer.status, answer.head, answer.body};
}

RestAnswer RestTest::Request(absl::string_view verb, absl::string_view target,
                             absl::string_view body,
                             absl::string_view headers) {
  const std::string length =
      body.empty() ? "" : absl::StrCat("Content-Length: ", body.size(), "\r\n");
  return Send(absl::StrCat(verb, " ", target, " HTTP/1.1\r\nHost: x\r\n",
                           length, headers, "\r\n", body));
}

RestAnswer RestTest::Get(absl::string_view path, absl::string_view query) {
  return Request("GET", absl::StrCat("/v1/", path, "?auth_token=", kToken,
                                     query.empty() ? "" : "&", query));
}

RestAnswer RestTest::Post(absl::string_view path, absl::string_view form) {
  return Request("POST", absl::StrCat("/v1/", path, "?auth_token=", kToken),
                 form, kFormHeader);
}

RestAnswer RestTest::PostJson(absl::string_view path, absl::string_view json) {
  return Request("POST", absl::StrCat("/v1/", path, "?auth_token=", kToken),
                 json, kJsonHeader);
}

}  // namespace chatgate
