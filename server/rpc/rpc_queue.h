#ifndef CHATGATE_SERVER_RPC_RPC_QUEUE_H_
#define CHATGATE_SERVER_RPC_RPC_QUEUE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "grpcpp/alarm.h"
#include "grpcpp/completion_queue.h"
#include "server/base/mutex.h"
#include "server/rpc/rpc_tag.h"

namespace chatgate {

// RpcQueue is one of gRPC's completion queues and the one thread that serves
// it. That thread also reads and writes the connections: what it runs must not
// block, and what it alone runs needs no lock.
//
// Threads: every method may be called from any thread.
class RpcQueue final : private RpcTag {
 public:
  using Task = std::function<void()>;

  // Serves once the server has started.
  explicit RpcQueue(std::unique_ptr<grpc::ServerCompletionQueue> queue);

  // Stops.
  ~RpcQueue();

  void Start();

  // Waits until no call is under way, and ends the thread. The server has been
  // shut down before.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

  grpc::ServerCompletionQueue* queue() { return queue_.get(); }

  // A call has arrived; its last tag has come back. In between the queue takes
  // operations.
  void BeginCall() ABSL_LOCKS_EXCLUDED(mu_);
  void EndCall() ABSL_LOCKS_EXCLUDED(mu_);

  // Runs `task` on the queue's thread: at once where that is the caller, else
  // with whatever else was posted meanwhile. A call must be under way.
  // Operations that another thread starts would wake the queue's one by one,
  // and wait for it at the connection's lock.
  void Run(Task task) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Serve();
  // The alarm: tasks wait.
  void Proceed(bool ok) override ABSL_LOCKS_EXCLUDED(mu_);

  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::thread thread_;
  bool is_stopped_ = false;

  Mutex mu_;
  CondVar idle_;
  size_t calls_ ABSL_GUARDED_BY(mu_) = 0;
  // A few for each call at most.
  std::vector<Task> tasks_ ABSL_GUARDED_BY(mu_);
  grpc::Alarm alarm_;          // Set when a first task comes.
  std::vector<Task> running_;  // Of the thread; kept for its memory.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_RPC_RPC_QUEUE_H_
