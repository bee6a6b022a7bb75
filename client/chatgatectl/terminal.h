#ifndef CHATGATE_CLIENT_CHATGATECTL_TERMINAL_H_
#define CHATGATE_CLIENT_CHATGATECTL_TERMINAL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chatgate {

// For whom standard output is written: people at a terminal get lines, tables
// and colours, programs behind a pipe get JSON lines.
enum class Reader { kPerson, kProgram };

// What `--output` asks for: `human`, `json`, or `auto` (a terminal is read by a
// person). INVALID_ARGUMENT: something else.
absl::StatusOr<Reader> ReaderOf(const std::string& output);

// Text in a colour, where standard output is a terminal that shows them and the
// environment does not say NO_COLOR; else as it is.
enum class Colour { kBold = 1, kDim = 2, kRed = 31, kGreen = 32, kCyan = 36 };
std::string Coloured(Colour colour, absl::string_view text);

// Rows under headings, columns aligned, a line each. Cells are cut at 40
// characters.
std::string Table(const std::vector<std::string>& headings,
                  const std::vector<std::vector<std::string>>& rows);

// A line on standard error that says how far long work is, written over again
// and again, and away at the end. Only on a terminal.
class ProgressLine {
 public:
  ProgressLine(std::string what, int64_t total);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void Show(int64_t done) const;
  // Removes it, so that another line can be written.
  void Hide() const;

 private:
  const std::string what_;
  const int64_t total_;
  const bool is_shown_;
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_CHATGATECTL_TERMINAL_H_
