#ifndef CHATGATE_TESTS_REST_REST_FIXTURE_H_
#define CHATGATE_TESTS_REST_REST_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "prometheus/registry.h"
#include "tests/platform/platform_fixture.h"
#include "webhook/http_server.h"
#include "webhook/rest/rest_form.h"

namespace chatgate {

// An answer of the REST form.
struct RestAnswer {
  int status = 0;
  std::string head;
  std::string body;

  // The value at a JSON pointer such as `/data/0/id`, as compact JSON; `absent`
  // where there is none.
  std::string At(absl::string_view pointer) const;
  std::string Header(absl::string_view name) const;
};

// The REST form on the embedded platform, spoken to over a socket. Paths are
// written below `/v1/`; the token of app 777 is added as an argument.
class RestTest : public PlatformTest {
 protected:
  static constexpr char kToken[] = "app.777.0123456789";
  static constexpr char kOtherToken[] = "app.888.9876543210";

  RestTest();
  ~RestTest() override;

  // Starts again with other options.
  void Restart(uint32_t requests_per_minute,
               std::vector<std::string> origins = {},
               Backend* backend = nullptr);

  // Exactly these bytes.
  RestAnswer Send(absl::string_view bytes);
  // A request with a body, its length, and more headers of complete lines.
  RestAnswer Request(absl::string_view verb, absl::string_view target,
                     absl::string_view body = "",
                     absl::string_view headers = "");

  RestAnswer Get(absl::string_view path, absl::string_view query = "");
  RestAnswer Post(absl::string_view path, absl::string_view form = "");
  RestAnswer PostJson(absl::string_view path, absl::string_view json);

  prometheus::Registry metrics_;
  std::unique_ptr<RestForm> rest_;
  std::unique_ptr<HttpServer> server_;
};

constexpr char kFormHeader[] =
    "Content-Type: application/x-www-form-urlencoded\r\n";
constexpr char kJsonHeader[] = "Content-Type: application/json\r\n";

}  // namespace chatgate

#endif  // CHATGATE_TESTS_REST_REST_FIXTURE_H_
