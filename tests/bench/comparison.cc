#include "tests/bench/comparison.h"

#include <algorithm>
#include <cstdio>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "server/base/status_macros.h"
#include "tests/bench/process_usage.h"

namespace chatgate {
namespace {

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half]
                                : (values[half - 1] + values[half]) / 2;
}

absl::Status In(const std::string& name, const std::string& who,
                const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(name, ", ", who, ": ", status.message()));
}

// With as many digits as mean something.
std::string Text(double value) {
  return absl::StrFormat("%.*f", value < 10 ? 3 : value < 100 ? 2 : 1, value);
}

struct Figure {
  double value;
  double cpu_micros;  // For each.
};

absl::Duration CpuTimeOf(const Contender& contender) {
  const absl::Duration own = CpuTime(contender.pid);
  return contender.behind == 0 ? own : own + CpuTime(contender.behind);
}

absl::StatusOr<Figure> MeasureOne(const Contender& contender,
                                  absl::Duration time) {
  if (contender.figure_is_whole) {
    ASSIGN_OR_RETURN(const double value, contender.measure(time));
    return Figure{value, 0};
  }
  const absl::Duration cpu = CpuTimeOf(contender);
  const absl::Time begin = absl::Now();
  ASSIGN_OR_RETURN(const double value, contender.measure(time));
  const double count = value * absl::ToDoubleSeconds(absl::Now() - begin);
  return Figure{value,
                absl::ToDoubleMicroseconds(CpuTimeOf(contender) - cpu) / count};
}

}  // namespace

bool Comparison::Wants(const std::string& name, int size) const {
  if (size > options_.size_max) return false;
  return absl::StartsWith(name, options_.only) ||
         absl::StartsWith(options_.only, absl::StrCat(name, "/"));
}

absl::Status Comparison::Run(const std::string& name, const std::string& unit,
                             const Contender& chatgate,
                             const std::vector<Contender>& references) {
  std::vector<Row> rows;
  for (const Contender& reference : references) {
    rows.push_back({name, unit, reference.name, {}, {}, {}, {}});
  }
  for (int round = chatgate.warms_up ? -1 : 0; round < options_.rounds;
       ++round) {
    const bool warming_up = round < 0;
    const absl::Duration time =
        warming_up ? options_.round / 2 : options_.round;
    const absl::StatusOr<Figure> ours = MeasureOne(chatgate, time);
    if (!ours.ok()) return In(name, chatgate.name, ours.status());
    for (size_t i = 0; i < references.size(); ++i) {
      const absl::StatusOr<Figure> other = MeasureOne(references[i], time);
      if (!other.ok()) return In(name, references[i].name, other.status());
      if (warming_up) continue;
      rows[i].values.push_back(ours->value);
      rows[i].reference_values.push_back(other->value);
      rows[i].cpu.push_back(ours->cpu_micros);
      rows[i].reference_cpu.push_back(other->cpu_micros);
    }
  }
  for (const Row& row : rows) Print(row);
  return absl::OkStatus();
}

void Comparison::Record(const std::string& name, const std::string& unit,
                        const std::string& reference,
                        const std::vector<double>& values,
                        const std::vector<double>& reference_values) {
  const std::vector<double> nothing(values.size(), 0);
  Print({name, unit, reference, values, reference_values, nothing, nothing});
}

void Comparison::PrintHead() const {
  if (options_.json || !options_.head) return;
  absl::PrintF("%-41s %11s  %-10s %-18s %11s %6s  %-14s %s\n", "name",
               "chatgate", "unit", "reference", "reference", "ratio", "rounds",
               "cpu us each");
}

void Comparison::Print(const Row& row) const {
  std::vector<double> ratios;
  for (size_t i = 0; i < row.values.size(); ++i) {
    const double reference = row.reference_values[i];
    ratios.push_back(reference == 0 ? 0 : row.values[i] / reference);
  }
  const double value = Median(row.values);
  const double reference = Median(row.reference_values);
  const auto [lowest, highest] =
      std::minmax_element(ratios.begin(), ratios.end());
  const double cpu = Median(row.cpu);
  const double reference_cpu = Median(row.reference_cpu);
  const bool has_cpu = cpu > 0 || reference_cpu > 0;
  if (options_.json) {
    absl::PrintF(
        R"({"name": "%s", "value": %s, "unit": "%s", "reference": "%s", )"
        R"("reference_value": %s, "ratio": %.4f%s})"
        "\n",
        row.name, Text(value), row.unit, row.reference, Text(reference),
        Median(ratios),
        has_cpu
            ? absl::StrFormat(R"(, "cpu_us": %.2f, "reference_cpu_us": %.2f)",
                              cpu, reference_cpu)
            : "");
  } else {
    absl::PrintF(
        "%-41s %11s  %-10s %-18s %11s %6.2f  %4.2f to %4.2f   %s\n", row.name,
        Text(value), row.unit, row.reference, Text(reference), Median(ratios),
        *lowest, *highest,
        has_cpu ? absl::StrFormat("%.1f to %.1f", cpu, reference_cpu) : "");
  }
  std::fflush(stdout);
}

void Comparison::Skip(const std::string& name, const std::string& reference,
                      absl::string_view why) {
  // With --json the lines of standard output are rows alone.
  absl::FPrintF(options_.json ? stderr : stdout, "%-41s SKIPPED %s: %s\n", name,
                reference, why);
}

}  // namespace chatgate
