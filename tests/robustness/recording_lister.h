#ifndef CHATGATE_TESTS_ROBUSTNESS_RECORDING_LISTER_H_
#define CHATGATE_TESTS_ROBUSTNESS_RECORDING_LISTER_H_

#include <atomic>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/gateway.h"
#include "tests/robustness/history.h"

namespace chatgate::robustness {

// Lists events on a thread of its own, again and again, until stopped: in one
// direction, in pages of random size, through kills with the same page token.
class RecordingLister {
 public:
  // `before_list` is called before each list; it waits until one is due.
  RecordingLister(const Gateway& gateway, std::string conversation,
                  bool descending, unsigned seed,
                  std::function<void()> before_list);

  // Ends the list that is under way where it is. Once.
  std::vector<Listing> Stop();

 private:
  void Run();
  void List(int pages);

  const Gateway& gateway_;
  const std::string conversation_;  // The filter; empty: everything.
  const bool descending_;
  const std::function<void()> before_list_;
  std::minstd_rand random_;
  std::atomic<bool> stopping_ = false;
  std::vector<Listing> got_;
  std::thread
      thread_;  // Has everything above but stopping_ until it is joined.
};

}  // namespace chatgate::robustness

#endif  // CHATGATE_TESTS_ROBUSTNESS_RECORDING_LISTER_H_
