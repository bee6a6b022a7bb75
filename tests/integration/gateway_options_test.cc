#include "server/gateway_options.h"

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

// A secret that was mounted half would turn client certificates off.
TEST(GrpcOptionsTest, AnEmptyClientCaIsRefused) {
  TempDir dir;
  v1::GrpcConfig grpc;
  v1::TlsConfig& tls = *grpc.mutable_tls();
  tls.set_cert_file(dir.Write("cert.pem", "a"));
  tls.set_key_file(dir.Write("key.pem", "b"));
  tls.set_client_ca_file(dir.Write("ca.pem", "c"));
  ASSERT_OK_AND_ASSIGN(const GrpcServerOptions options, GrpcOptionsOf(grpc));
  EXPECT_EQ(options.tls->client_ca, "c");
  dir.Write("ca.pem", "");
  EXPECT_THAT(GrpcOptionsOf(grpc).status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace chatgate
