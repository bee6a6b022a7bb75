#ifndef CHATGATE_TESTS_BENCH_BARE_GRPC_H_
#define CHATGATE_TESTS_BENCH_BARE_GRPC_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/async_unary_call.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "tests/bench/bare_fanout.h"
#include "tests/bench/bare_log.h"

namespace chatgate {

// BareGrpc is what gRPC can do at its best: one completion queue, one thread,
// raw bytes. GetConversation answers the same bytes to everybody;
// ReplyToConversation does so once a record is on stable storage (BareLog), and
// adds a part's id that nobody else got; Subscribe sends made-up events in
// shared slices (BareFanout).
class BareGrpc {
 public:
  // `reply`: of both methods. `log`: outlives this; null: replies are refused.
  BareGrpc(std::string reply, BareLog* log);
  ~BareGrpc();

  const std::string& address() const { return address_; }
  BareFanout& fanout() { return fanout_; }

 private:
  class RawService;
  class Unary;

  void Run();
  void Answer(Unary& call);

  const std::string reply_bytes_;
  const grpc::ByteBuffer reply_;
  BareLog* const log_;
  std::atomic<uint64_t> records_ = 0;
  std::string address_;
  std::unique_ptr<RawService> service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  BareFanout fanout_;
  std::thread thread_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_BARE_GRPC_H_
