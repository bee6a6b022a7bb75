#include "server/event_log/retention_thread.h"

#include <string>

#include "server/base/log.h"

namespace chatgate {
namespace {

prometheus::Family<prometheus::Counter>& DeletedFamily(
    prometheus::Registry& registry) {
  return prometheus::BuildCounter()
      .Name("chatgate_events_deleted_total")
      .Help("Events deleted by retention, by the limit that they were beyond")
      .Register(registry);
}

}  // namespace

RetentionThread::RetentionThread(Retention& retention, absl::Duration interval,
                                 prometheus::Registry& registry)
    : retention_(retention),
      interval_(interval),
      by_age_(DeletedFamily(registry).Add({{"reason", "age"}})),
      by_bytes_(DeletedFamily(registry).Add({{"reason", "bytes"}})),
      bytes_(prometheus::BuildGauge()
                 .Name("chatgate_event_log_bytes")
                 .Help("Bytes of the events that are kept, where they are "
                       "limited")
                 .Register(registry)
                 .Add({})),
      thread_([this] { Run(); }) {}

RetentionThread::~RetentionThread() {
  retention_.Stop();
  {
    MutexLock lock(mu_);
    stopping_ = true;
  }
  stopped_.SignalAll();
  thread_.join();
}

void RetentionThread::Run() {
  while (true) {
    EnforceOnce();
    MutexLock lock(mu_);
    if (!stopping_) stopped_.WaitFor(mu_, interval_);
    if (stopping_) return;
  }
}

void RetentionThread::EnforceOnce() {
  const absl::StatusOr<Retention::Deleted> deleted = retention_.Enforce();
  if (!deleted.ok()) {
    LogWarning("old events could not be deleted",
               {{"reason", deleted.status().message()}});
    return;
  }
  by_age_.Increment(static_cast<double>(deleted->by_age));
  by_bytes_.Increment(static_cast<double>(deleted->by_bytes));
  bytes_.Set(static_cast<double>(retention_.bytes()));
}

}  // namespace chatgate
