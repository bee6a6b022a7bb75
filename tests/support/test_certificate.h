#ifndef CHATGATE_TESTS_SUPPORT_TEST_CERTIFICATE_H_
#define CHATGATE_TESTS_SUPPORT_TEST_CERTIFICATE_H_

#include <string>

struct ssl_ctx_st;

namespace chatgate {

// A certificate for `host` that signs itself, with its key.
struct TestCertificate {
  explicit TestCertificate(const std::string& host);
  ~TestCertificate();
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;

  std::string pem;
  ssl_ctx_st* server;  // Shows it.
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_SUPPORT_TEST_CERTIFICATE_H_
