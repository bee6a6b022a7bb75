#ifndef CHATGATE_TESTS_ROBUSTNESS_CHECKER_SUPPORT_H_
#define CHATGATE_TESTS_ROBUSTNESS_CHECKER_SUPPORT_H_

#include <map>
#include <string>
#include <vector>

#include "tests/robustness/checker.h"
#include "tests/robustness/history.h"

namespace chatgate::robustness {

// Reports the first few: thousands of a kind say no more.
class Reporter {
 public:
  Reporter(std::string guarantee, std::vector<Violation>* violations)
      : guarantee_(std::move(guarantee)), violations_(*violations) {}

  void Add(const std::string& detail) {
    constexpr int kMax = 5;
    if (++count_ <= kMax) violations_.push_back({guarantee_, detail});
  }

 private:
  const std::string guarantee_;
  std::vector<Violation>& violations_;
  int count_ = 0;
};

// Calls `visit` with every response and the position before it.
template <typename Visit>
void ForEachResponse(const Subscriber& subscriber, const Visit& visit) {
  for (const StreamOfOne& stream : subscriber.streams) {
    uint64_t before = stream.after;
    for (const Response& response : stream.responses) {
      visit(before, response);
      before = response.position;
    }
  }
}

// What anybody was told at a seq, the log first.
std::map<uint64_t, Seen> ToldAnywhere(const History& history);

}  // namespace chatgate::robustness

#endif  // CHATGATE_TESTS_ROBUSTNESS_CHECKER_SUPPORT_H_
