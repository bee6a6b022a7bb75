#ifndef CHATGATE_SERVER_EVENT_LOG_RETENTION_THREAD_H_
#define CHATGATE_SERVER_EVENT_LOG_RETENTION_THREAD_H_

#include <thread>

#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"
#include "server/base/mutex.h"
#include "server/event_log/retention.h"

namespace chatgate {

// RetentionThread enforces retention every `interval`, and counts:
//
//   chatgate_events_deleted_total{reason}  reason: age, bytes
//   chatgate_event_log_bytes               of kept events, with a limit to them
//
// Lifetime: all that it is given outlives it; the destructor ends it soon.
class RetentionThread {
 public:
  RetentionThread(Retention& retention, absl::Duration interval,
                  prometheus::Registry& registry);
  ~RetentionThread() ABSL_LOCKS_EXCLUDED(mu_);
  RetentionThread(const RetentionThread&) = delete;
  RetentionThread& operator=(const RetentionThread&) = delete;

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  void EnforceOnce();

  Retention& retention_;
  const absl::Duration interval_;
  prometheus::Counter& by_age_;
  prometheus::Counter& by_bytes_;
  prometheus::Gauge& bytes_;

  Mutex mu_;
  CondVar stopped_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  std::thread thread_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_EVENT_LOG_RETENTION_THREAD_H_
