#include "server/rpc/rpc_queue.h"

#include <chrono>
#include <utility>

namespace chatgate {
namespace {

// The queue whose thread this is.
thread_local const RpcQueue* current = nullptr;

}  // namespace

RpcQueue::RpcQueue(std::unique_ptr<grpc::ServerCompletionQueue> queue)
    : queue_(std::move(queue)) {}

RpcQueue::~RpcQueue() {
  Stop();
  // Of a server that never started nobody has served the queue.
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) continue;
}

void RpcQueue::Start() {
  thread_ = std::thread([this] { Serve(); });
}

void RpcQueue::Stop() {
  {
    MutexLock lock(mu_);
    while (calls_ > 0) idle_.Wait(mu_);
  }
  if (std::exchange(is_stopped_, true)) return;
  queue_->Shutdown();
  if (thread_.joinable()) thread_.join();
}

void RpcQueue::BeginCall() {
  MutexLock lock(mu_);
  ++calls_;
}

void RpcQueue::EndCall() {
  MutexLock lock(mu_);
  if (--calls_ == 0) idle_.SignalAll();
}

void RpcQueue::Run(Task task) {
  if (current == this) return task();
  MutexLock lock(mu_);
  tasks_.push_back(std::move(task));
  if (tasks_.size() > 1) return;
  alarm_.Set(queue_.get(), std::chrono::system_clock::time_point(),
             static_cast<RpcTag*>(this));
}

void RpcQueue::Proceed(bool /*ok*/) {
  {
    MutexLock lock(mu_);
    running_.swap(tasks_);
  }
  for (Task& task : running_) {
    task();
    task = nullptr;
  }
  running_.clear();
}

void RpcQueue::Serve() {
  current = this;
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<RpcTag*>(tag)->Proceed(ok);
}

}  // namespace chatgate
