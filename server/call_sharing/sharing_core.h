#ifndef CHATGATE_SERVER_CALL_SHARING_SHARING_CORE_H_
#define CHATGATE_SERVER_CALL_SHARING_SHARING_CORE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/base/mutex.h"
#include "server/call_sharing/answer_cache.h"
#include "server/call_sharing/call_sharing.h"

namespace chatgate {

// Somebody's call that waits for a shared one.
struct Sharer {
  CallContext context;
  google::protobuf::Message* response;  // Lives until `done`.
  Backend::Done done;
};

// What the shared calls need; reads are in shared_reads.cc, merged changes in
// merged_changes.cc.
struct CallSharing::Core : public std::enable_shared_from_this<Core> {
  // One call of the backend for all who wait for it.
  struct Flight {
    std::string key;
    const Method* method = nullptr;
    Subject subject;
    CallContext context;  // Of who began it, with a report of its own.
    CallReport report;
    std::unique_ptr<google::protobuf::Message> request;
    std::unique_ptr<google::protobuf::Message> response;
    Moment began;
    bool outdated = false;        // A change was answered since.
    std::vector<Sharer> sharers;  // The first one began it.
  };
  using FlightPtr = std::shared_ptr<Flight>;

  // Changes of one kind: one is under way, and the last that came waits.
  struct Merged {
    FlightPtr next;  // Null where none waits.
  };

  Core(Backend& backend, const MethodTable& methods, const Clock& clock,
       const Clock& steady, const CallSharingOptions& options)
      : backend(backend),
        methods(methods),
        clock(clock),
        steady(steady),
        options(options),
        cache(options.cache_bytes_max) {}

  void Read(const Method& method, const google::protobuf::Message& request,
            absl::Duration staleness, Sharer sharer) ABSL_LOCKS_EXCLUDED(mu);
  void StartRead(const FlightPtr& flight) ABSL_LOCKS_EXCLUDED(mu);
  void EndRead(const FlightPtr& flight, const absl::Status& status)
      ABSL_LOCKS_EXCLUDED(mu);

  void Merge(const Method& method, const google::protobuf::Message& request,
             Sharer sharer) ABSL_LOCKS_EXCLUDED(mu);
  void StartMerged(const FlightPtr& flight) ABSL_LOCKS_EXCLUDED(mu);
  void EndMerged(const FlightPtr& flight, const absl::Status& status)
      ABSL_LOCKS_EXCLUDED(mu);

  // A change of the subject was answered.
  void Changed(Subject subject) ABSL_LOCKS_EXCLUDED(mu);
  // Only this conversation is concerned.
  void Told(Subject subject) ABSL_LOCKS_EXCLUDED(mu);

  FlightPtr NewFlight(const Method& method,
                      const google::protobuf::Message& request,
                      std::string key) const;
  // Answers all who wait for the flight.
  void Answer(Flight& flight, const absl::Status& status) const;
  Moment Now() const { return {clock.Now(), steady.Now()}; }
  void NoteSaved(const CallContext& context, const Method& method) const;

  Backend& backend;            // Outlives this.
  const MethodTable& methods;  // Outlives this.
  const Clock& clock;          // Outlives this.
  const Clock& steady;         // Outlives this.
  const CallSharingOptions options;

  Mutex mu;
  AnswerCache cache ABSL_GUARDED_BY(mu);
  std::map<std::string, FlightPtr> reads ABSL_GUARDED_BY(mu);  // To be joined.
  std::map<std::string, Merged> merged ABSL_GUARDED_BY(mu);
};

// What a request is about.
Subject SubjectOf(uint64_t app_id, const google::protobuf::Message& request);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_CALL_SHARING_SHARING_CORE_H_
