#ifndef CHATGATE_TESTS_BENCH_BARE_GRPC_H_
#define CHATGATE_TESTS_BENCH_BARE_GRPC_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/async_unary_call.h>

#include <memory>
#include <string>
#include <thread>

#include "tests/bench/bare_fanout.h"

namespace chatgate {

// BareGrpc is what gRPC can do at its best: one completion queue, one thread,
// raw bytes. GetConversation answers the same bytes to everybody; Subscribe
// sends made-up events in shared slices (BareFanout).
class BareGrpc {
 public:
  // `reply`: of GetConversation.
  explicit BareGrpc(std::string reply);
  ~BareGrpc();

  const std::string& address() const { return address_; }
  BareFanout& fanout() { return fanout_; }

 private:
  class RawService;
  class Echo;

  void Run();

  const grpc::ByteBuffer reply_;
  std::string address_;
  std::unique_ptr<RawService> service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  BareFanout fanout_;
  std::thread thread_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_BARE_GRPC_H_
