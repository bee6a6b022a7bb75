#ifndef CHATGATE_TESTS_BENCH_SEARCH_WAYS_H_
#define CHATGATE_TESTS_BENCH_SEARCH_WAYS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/responder/text_matcher.h"

namespace chatgate {

// Expressions, and messages that are searched for them. No message is the same
// as another.
struct Corpus {
  std::vector<Expression> expressions;
  std::vector<std::string> messages;
};

// Sentences of some 80 bytes from 3,000 made-up words, a third of them
// Cyrillic; each tenth message holds a phrase. `patterns`: every second
// expression is a pattern. The same arguments make the same corpus.
Corpus MakeCorpus(int rules, int messages, bool patterns);

// What one way of searching has reached, in processor time.
struct SearchCost {
  double first_us = 0;   // A message, over the first 200.
  double steady_us = 0;  // A message, over the others.
  double resident_mb = 0;
  int64_t found = 0;  // In the first messages: the same for every way.
};

// Searches for at most `time`, in a process of its own, so that memory is its
// alone. One thread may be running when it is called.
absl::StatusOr<SearchCost> MeasureSearch(MatchWay way, const Corpus& corpus,
                                         absl::Duration time);

// The first bot's loop in Python: every question on every message, upper case
// both. Its expressions are compiled once, which it did not do. NOT_FOUND:
// there is no Python.
absl::StatusOr<SearchCost> MeasurePythonLoop(const Corpus& corpus,
                                             absl::Duration time);

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_SEARCH_WAYS_H_
