#ifndef CHATGATE_TESTS_ROBUSTNESS_SEEDED_BUGS_H_
#define CHATGATE_TESTS_ROBUSTNESS_SEEDED_BUGS_H_

#include <functional>
#include <string>
#include <vector>

#include "tests/robustness/history.h"

namespace chatgate::robustness {

// A bug that a gateway could have, put into a history as it would have shown
// there.
struct SeededBug {
  std::string name;
  std::string guarantee;  // The one that it breaks.
  // False where the history has no place for it.
  std::function<bool(History*)> plant;
};

// At least one for each guarantee.
std::vector<SeededBug> SeededBugs();
// Those of them that are about snapshots, starts at a time and lists.
std::vector<SeededBug> SeededBeginnings();

}  // namespace chatgate::robustness

#endif  // CHATGATE_TESTS_ROBUSTNESS_SEEDED_BUGS_H_
