#include "client/chatgatectl/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/printable.h"

namespace chatgate {
namespace {

constexpr size_t kCellMax = 40;
constexpr char kEraseLine[] = "\r\x1b[K";

bool ShowsColours() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return isatty(STDOUT_FILENO) != 0 &&
         (no_color == nullptr || *no_color == '\0') && term != nullptr &&
         absl::string_view(term) != "dumb";
}

bool BeginsCharacter(char c) { return (c & 0xc0) != 0x80; }

size_t Width(absl::string_view text) {
  return std::count_if(text.begin(), text.end(), BeginsCharacter);
}

// Without control characters, and at most kCellMax characters.
std::string Cell(absl::string_view text) {
  std::string cell = Printable(text);
  if (Width(cell) <= kCellMax) return cell;
  size_t bytes = 0;
  for (size_t seen = 0; bytes < cell.size(); ++bytes) {
    if (BeginsCharacter(cell[bytes]) && ++seen == kCellMax - 2) break;
  }
  return absl::StrCat(cell.substr(0, bytes), "...");
}

}  // namespace

absl::StatusOr<Reader> ReaderOf(const std::string& output) {
  if (output == "human") return Reader::kPerson;
  if (output == "json") return Reader::kProgram;
  if (output == "auto") {
    return isatty(STDOUT_FILENO) != 0 ? Reader::kPerson : Reader::kProgram;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--output is auto, human or json, not \"", output, "\""));
}

std::string Coloured(Colour colour, absl::string_view text) {
  static const bool shows_colours = ShowsColours();
  if (!shows_colours) return std::string(text);
  return absl::StrCat("\x1b[", static_cast<int>(colour), "m", text, "\x1b[0m");
}

std::string Table(const std::vector<std::string>& headings,
                  const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  widths.reserve(headings.size());
  for (const std::string& heading : headings) widths.push_back(Width(heading));
  std::vector<std::vector<std::string>> cells;
  for (const std::vector<std::string>& row : rows) {
    cells.emplace_back();
    for (size_t i = 0; i < headings.size(); ++i) {
      cells.back().push_back(i < row.size() ? Cell(row[i]) : "");
      widths[i] = std::max(widths[i], Width(cells.back()[i]));
    }
  }
  const auto line = [&](const std::vector<std::string>& row) {
    std::string text;
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&text, row[i]);
      if (i + 1 < row.size()) {
        text.append(widths[i] - Width(row[i]) + 2, ' ');
      }
    }
    return text;
  };
  std::string table =
      absl::StrCat(Coloured(Colour::kBold, line(headings)), "\n");
  for (const std::vector<std::string>& row : cells) {
    absl::StrAppend(&table, line(row), "\n");
  }
  return table;
}

ProgressLine::ProgressLine(std::string what, int64_t total)
    : what_(std::move(what)),
      total_(total),
      is_shown_(isatty(STDERR_FILENO) != 0) {}

ProgressLine::~ProgressLine() { Hide(); }

void ProgressLine::Show(int64_t done) const {
  if (!is_shown_) return;
  std::cerr << kEraseLine << what_ << " " << done << " of " << total_
            << std::flush;
}

void ProgressLine::Hide() const {
  if (is_shown_) std::cerr << kEraseLine << std::flush;
}

}  // namespace chatgate
