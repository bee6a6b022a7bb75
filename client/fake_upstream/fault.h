#ifndef CHATGATE_CLIENT_FAKE_UPSTREAM_FAULT_H_
#define CHATGATE_CLIENT_FAKE_UPSTREAM_FAULT_H_

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/mutex.h"

namespace chatgate {

// What may go wrong with a request.
enum class Fault {
  kNone,
  kDelay,       // The answer comes late.
  kDropBefore,  // The connection ends; the request has had no effect.
  kDropAfter,   // The connection ends; the request has had its effect.
  kTooMany,     // 429, without an effect.
  kError500,    // 500 with an envelope, after the effect.
  kHtml,        // 502 with a page of HTML, without an effect.
  kHalfBody,    // The answer breaks off in the middle.
  kWrongJson,   // 200 with a body that is no JSON, after the effect.
  kDrip,        // The answer comes byte by byte.
};

// The name in FaultPlan's text: `none`, `delay`, `drop_before`, ...
absl::string_view FaultName(Fault fault);

// FaultPlan says what goes wrong with which request: each fault has a share of
// the requests, drawn from a seed.
//
//   ASSIGN_OR_RETURN(FaultPlan plan,
//                    FaultPlan::Parse("drop_after=5,delay=10:200ms", 42));
//   plan.Next();
//
// Threads: any.
class FaultPlan {
 public:
  struct Draw {
    Fault fault = Fault::kNone;
    absl::Duration delay;  // Of kDelay, and between the bytes of kDrip.
  };

  // `text`: NAME=PERCENT[:DURATION], separated by commas; empty: no faults.
  // INVALID_ARGUMENT names what is wrong.
  static absl::StatusOr<FaultPlan> Parse(absl::string_view text, uint64_t seed);

  FaultPlan(FaultPlan&& other) noexcept;

  Draw Next() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Share {
    double percent;
    Draw draw;
  };

  FaultPlan(std::vector<Share> shares, uint64_t seed);

  std::vector<Share> shares_;
  Mutex mu_;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_FAKE_UPSTREAM_FAULT_H_
