#ifndef CHATGATE_TESTS_ROBUSTNESS_CHECKER_H_
#define CHATGATE_TESTS_ROBUSTNESS_CHECKER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/robustness/history.h"

namespace chatgate::robustness {

// A promise of docs/events.md that was broken.
struct Violation {
  std::string guarantee;  // Such as `Durable`.
  std::string detail;
};

struct CheckerLimits {
  size_t response_bytes_max = (size_t{1} << 20) + (size_t{4} << 10);
  size_t memory_kib_max = size_t{256} << 10;
};

// Each checks one guarantee, and adds what breaks it.
//
//   Durable    what was answered is in the log, or was, where retention took it
//   Ordered    within a stream seq only grows, positions go with it, and all
//              streams and the log tell the same event at the same seq
//   Unique     the log holds a webhook once; a subscriber gets an event once
//   Resumable  of what a subscriber wants, nothing between its first position
//              and its last is missing, whatever ended its streams
//   Gap-honest a gap begins where the stream stood, ends where it goes on, and
//              covers nothing that is still there
//   Bounded    responses and the gateway's memory keep to their limits
//   Once       the log holds a mutation once
//   Snapshot   a snapshot shows each open conversation as the events up to its
//              cursor made it; what comes after it is Resumable's
//   Timed      who begins at a time gets no event from before it, and leaves
//              out none from then on
//   Listed     pages, put together, hold every event between the first and the
//              last, in order, and each as the streams tell it
void CheckDurable(const History& history, std::vector<Violation>* violations);
void CheckOrdered(const History& history, std::vector<Violation>* violations);
void CheckUnique(const History& history, std::vector<Violation>* violations);
void CheckResumable(const History& history, std::vector<Violation>* violations);
void CheckGapHonest(const History& history, std::vector<Violation>* violations);
void CheckBounded(const History& history, const CheckerLimits& limits,
                  std::vector<Violation>* violations);
void CheckOnce(const History& history, std::vector<Violation>* violations);
void CheckSnapshot(const History& history, std::vector<Violation>* violations);
void CheckTimed(const History& history, std::vector<Violation>* violations);
void CheckListed(const History& history, std::vector<Violation>* violations);

// All of them.
std::vector<Violation> Check(const History& history,
                             const CheckerLimits& limits = {});

// What a run must hold at least, or it shows nothing.
struct TrafficMin {
  size_t events = 300;
  size_t deliveries = 600;
  int kills = 3;
  int repeats = 10;    // Operations that were sent more than once.
  size_t resumed = 6;  // Streams after the first of their subscriber.
  int snapshots = 4;
  int timed = 4;  // Subscribers that began at a time.
  int lists = 4;  // That held something, in each direction.
};

// FAILED_PRECONDITION: the run is void, and why.
absl::Status CheckTraffic(const History& history, const TrafficMin& least = {});

}  // namespace chatgate::robustness

#endif  // CHATGATE_TESTS_ROBUSTNESS_CHECKER_H_
