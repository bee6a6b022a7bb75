#ifndef CHATGATE_TESTS_BENCH_COMPARISON_H_
#define CHATGATE_TESTS_BENCH_COMPARISON_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/bench/bench_options.h"

namespace chatgate {

// Runs for about `round` and returns the figure. Not OK: something was lost,
// doubled or refused, and the whole run is void.
using Measure = std::function<absl::StatusOr<double>(absl::Duration round)>;

struct Contender {
  std::string name;
  Measure measure;
  pid_t pid = 0;  // Whose processor time counts; 0: this process's.
  // Not so many a second, but a time or a size: no processor time beside it.
  bool figure_is_whole = false;
  // The first round is not counted.
  bool warms_up = true;
  // Of a second process without which this one does nothing; 0: there is none.
  pid_t behind = 0;
};

// Comparison runs Chatgate and its references in turn, A B A B, after a round
// of warming up: the machine's mood then meets both alike. A row is the median
// of what each reached, and the median of the rounds' ratios; beside it the
// processor time that the servers took for each, which moves less where other
// work is running.
class Comparison {
 public:
  explicit Comparison(const BenchOptions& options) : options_(options) {}

  const BenchOptions& options() const { return options_; }
  // `size`: of connections, subscribers and the like; 0: it has none.
  bool Wants(const std::string& name, int size = 0) const;

  // One row for each reference.
  absl::Status Run(const std::string& name, const std::string& unit,
                   const Contender& chatgate,
                   const std::vector<Contender>& references);

  // A row of figures that were measured elsewhere, one of each for a round.
  void Record(const std::string& name, const std::string& unit,
              const std::string& reference, const std::vector<double>& values,
              const std::vector<double>& reference_values);

  // A row that could not be measured, and why.
  void Skip(const std::string& name, const std::string& reference,
            absl::string_view why);

  void PrintHead() const;

 private:
  struct Row {
    std::string name;
    std::string unit;
    std::string reference;
    std::vector<double> values;
    std::vector<double> reference_values;
    std::vector<double> cpu;  // Microseconds for each.
    std::vector<double> reference_cpu;
  };
  void Print(const Row& row) const;

  const BenchOptions options_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_COMPARISON_H_
