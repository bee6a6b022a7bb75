#ifndef CHATGATE_TESTS_BENCH_SAMPLE_EVENT_H_
#define CHATGATE_TESTS_BENCH_SAMPLE_EVENT_H_

#include <cstdint>
#include <string>

#include "chatgate/v1/events.pb.h"

namespace chatgate {

// 300 bytes, as people write them.
const std::string& SampleWords();

// A lead's message as it reaches the log, about 600 bytes once it has its
// place. `id` is that of its part.
v1::Event SampleEvent(uint64_t id);

// The same with a place, but for `seq`: serialised, what follows `seq` in each
// event of the references.
std::string SampleEventWithoutSeq();

// The JSON of a message in Dashly's webhook.
std::string SamplePartJson(uint64_t id, uint64_t conversation);

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_SAMPLE_EVENT_H_
