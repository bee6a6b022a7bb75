#ifndef CHATGATE_CLIENT_CHATGATECTL_FAKE_UPSTREAM_COMMAND_H_
#define CHATGATE_CLIENT_CHATGATECTL_FAKE_UPSTREAM_COMMAND_H_

#include <cstdint>
#include <string>

#include "client/chatgatectl/exit_code.h"

namespace chatgate {

struct FakeUpstreamFlags {
  std::string listen;  // HOST:PORT.
  std::string to;      // HOST:PORT.
  std::string faults;
  int64_t seed = 0;
  int64_t limit = 0;
  std::string limit_kind;
};

// `fake-upstream`: says where it listens, and runs until it is stopped; then
// says how often each fault happened.
ExitCode RunFakeUpstream(const FakeUpstreamFlags& flags);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_CHATGATECTL_FAKE_UPSTREAM_COMMAND_H_
