#ifndef CHATGATE_TESTS_BENCH_STREAM_LOAD_H_
#define CHATGATE_TESTS_BENCH_STREAM_LOAD_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chatgate/v1/chat_service.pb.h"
#include "server/base/mutex.h"
#include "tests/bench/bench_client.h"

namespace chatgate {

// Events that may wait for the slowest of so many subscribers. A run ends once
// all have had them: a connection that its client leaves alone for half a
// minute meanwhile would be given up by the other side.
inline uint64_t WindowOf(size_t subscribers) {
  return std::clamp<uint64_t>(204'800 / subscribers, 128, 2'048);
}

// StreamLoad is N subscribers from one thread and one completion queue, over at
// most ten connections. They look at each event's position, and at no more.
//
// While the other side of a pair has its turn, a thread looks after the queue
// once a second: connections that answer no ping are given up by the gateway.
//
// Threads: one at a time.
class StreamLoad {
 public:
  // `allow`: lets the producer go on up to a position.
  using Allow = std::function<void(uint64_t seq)>;

  StreamLoad(const std::string& address, std::string token, int subscribers);
  ~StreamLoad();

  // Waits until each has had its first response. `start`: where to begin, which
  // is behind the event `after`.
  absl::Status Open(v1::Start start, uint64_t after = 0)
      ABSL_LOCKS_EXCLUDED(mu_);

  // Lets events be produced for `time`, at most a window ahead of the slowest
  // subscriber, and waits for the last of them. Events delivered a second, all
  // subscribers together. `produced` counts over all runs of this producer.
  absl::StatusOr<double> Run(absl::Duration time, const Allow& allow,
                             uint64_t* produced) ABSL_LOCKS_EXCLUDED(mu_);

  // The same with `rate` events a second, whatever becomes of them. How many
  // were delivered.
  absl::StatusOr<uint64_t> RunPaced(absl::Duration time, double rate,
                                    const Allow& allow, uint64_t* produced)
      ABSL_LOCKS_EXCLUDED(mu_);

  // Waits until everyone has had the event `seq`.
  absl::Status ReadUpTo(uint64_t seq) ABSL_LOCKS_EXCLUDED(mu_);

  // Called with each response's bytes, instead of looking at positions.
  using OnResponse =
      std::function<absl::Status(size_t stream, const grpc::ByteBuffer&)>;
  void SetOnResponse(OnResponse on_response) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    on_response_ = std::move(on_response);
  }

  // From now on nobody reads what comes.
  void Stall() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    stalled_ = true;
  }
  // Handles what comes within `time`.
  absl::Status ReadFor(absl::Duration time) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Stream;

  // Handles one event of the queue.
  absl::Status Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // The same; false when none came until `deadline`.
  absl::StatusOr<bool> NextUntil(std::chrono::system_clock::time_point deadline)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status Handle(Stream& stream) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // The last event of the stream that is furthest behind.
  uint64_t Slowest() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Why the stream has ended, or was never begun.
  absl::Status WhyEnded(Stream& stream) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Who is furthest behind, and where.
  std::string Standings() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Looks after the queue while nobody else does.
  void Rest() ABSL_LOCKS_EXCLUDED(mu_);

  const std::string authorization_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Stream>> streams_;

  Mutex mu_;
  CondVar ends_;
  bool ending_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<grpc::Slice> slices_ ABSL_GUARDED_BY(mu_);  // Of a response.
  size_t first_responses_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t delivered_ ABSL_GUARDED_BY(mu_) = 0;  // All streams together.
  bool stalled_ ABSL_GUARDED_BY(mu_) = false;
  OnResponse on_response_ ABSL_GUARDED_BY(mu_);
  absl::Status rested_ ABSL_GUARDED_BY(mu_);  // What went wrong meanwhile.
  std::thread resting_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_STREAM_LOAD_H_
