#ifndef CHATGATE_TESTS_ROBUSTNESS_FAULTY_LOG_H_
#define CHATGATE_TESTS_ROBUSTNESS_FAULTY_LOG_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/event_log/event_log.h"

namespace chatgate::robustness {

// A fault that a log could have.
struct LogFault {
  std::string name;       // As in `faulty_gateway --fault NAME`.
  std::string guarantee;  // The one that it breaks; see checker.h.
};

// At least one for each guarantee.
std::vector<LogFault> LogFaults();

// `log`, which outlives it, with one fault of LogFaults. NOT_FOUND: there is no
// such fault. Threads: any.
absl::StatusOr<std::unique_ptr<EventLog>> MakeFaultyLog(absl::string_view fault,
                                                        EventLog& log);

}  // namespace chatgate::robustness

#endif  // CHATGATE_TESTS_ROBUSTNESS_FAULTY_LOG_H_
