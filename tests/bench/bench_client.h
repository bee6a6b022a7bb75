#ifndef CHATGATE_TESTS_BENCH_BENCH_CLIENT_H_
#define CHATGATE_TESTS_BENCH_BENCH_CLIENT_H_

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

namespace chatgate {

// Stubs of `count` connections, each its own. They speak bytes: both sides of a
// pair get exactly the same client.
std::vector<std::unique_ptr<grpc::GenericStub>> Connect(
    const std::string& address, int count);

grpc::ByteBuffer ToBuffer(const std::string& bytes);
std::string ToString(const grpc::ByteBuffer& buffer);

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_BENCH_CLIENT_H_
