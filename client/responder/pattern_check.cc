#include <re2/re2.h>

#include "absl/strings/str_cat.h"
#include "client/responder/text_matcher.h"

namespace chatgate {
namespace {

// Walks over the outermost sequence of a pattern and tells where `^` comes
// after a letter, or `$` before one. Alternatives, flags and groups end the
// walk without a verdict: what it does not understand may well match.
class AnchorWalk {
 public:
  explicit AnchorWalk(absl::string_view pattern) : rest_(pattern) {}

  // True where no text at all can match.
  bool IsImpossible() {
    while (!rest_.empty()) {
      switch (Take()) {
        case Piece::kUnknown:
          return false;
        case Piece::kBegin:
          // Only a later `|` could still save the pattern.
          if (was_letter_) return !HasAlternatives();
          break;
        case Piece::kEnd:
          was_end_ = true;
          break;
        case Piece::kLetter:
          if (MayBeLeftOut()) break;
          if (was_end_) return !HasAlternatives();
          was_letter_ = true;
          break;
      }
    }
    return false;
  }

 private:
  enum class Piece { kLetter, kBegin, kEnd, kUnknown };

  Piece Take() {
    const char first = rest_[0];
    size_t size = 1;
    Piece piece = Piece::kLetter;
    if (first == '^') {
      piece = Piece::kBegin;
    } else if (first == '$') {
      piece = Piece::kEnd;
    } else if (first == '\\' && rest_.size() > 1) {
      size = 2;
      piece = rest_[1] == 'A'   ? Piece::kBegin
              : rest_[1] == 'z' ? Piece::kEnd
              : absl::string_view("dDsSwW.+*?()[]{}|^$\\").find(rest_[1]) !=
                      absl::string_view::npos
                  ? Piece::kLetter
                  : Piece::kUnknown;
    } else if (absl::string_view("()[]{}|*+?\\").find(first) !=
               absl::string_view::npos) {
      piece = Piece::kUnknown;
    }
    rest_.remove_prefix(size);
    return piece;
  }
  bool MayBeLeftOut() const {
    return !rest_.empty() &&
           absl::string_view("*?{+").find(rest_[0]) != absl::string_view::npos;
  }
  bool HasAlternatives() const {
    return rest_.find('|') != absl::string_view::npos;
  }

  absl::string_view rest_;
  bool was_letter_ = false;
  bool was_end_ = false;
};

}  // namespace

std::string WhyWrong(const std::string& pattern) {
  const std::unique_ptr<RE2> compiled = CompileExpression({pattern, false});
  if (compiled->ok()) {
    // A program of one instruction only fails.
    if (compiled->ProgramSize() <= 1 || AnchorWalk(pattern).IsImpossible()) {
      return "it can never match";
    }
    return "";
  }
  std::string why = compiled->error();
  // RE2 names the characters, not what they mean elsewhere.
  if (compiled->error_code() == RE2::ErrorBadPerlOp ||
      compiled->error_arg() == "(?") {
    absl::StrAppend(&why, " (look-around and such do not exist in RE2)");
  } else if (compiled->error_code() == RE2::ErrorBadEscape) {
    absl::StrAppend(&why, " (back-references and such do not exist in RE2)");
  }
  return why;
}

}  // namespace chatgate
