#include "client/responder/text_matcher.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

// Above this a set's automaton no longer fits its memory on texts that it has
// never seen, and searching one by one is faster.
constexpr size_t kSetMax = 50;
constexpr int64_t kSetBytesMax = 32 << 20;

RE2::Options Options() {
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  return options;
}

re2::StringPiece Piece(absl::string_view text) {
  return re2::StringPiece(text.data(), text.size());
}

class OneByOneMatcher final : public TextMatcher {
 public:
  explicit OneByOneMatcher(const std::vector<std::string>& expressions) {
    for (const std::string& expression : expressions) {
      expressions_.push_back(std::make_unique<RE2>(expression, Options()));
    }
  }
  std::vector<int> Match(absl::string_view text) const override {
    std::vector<int> found;
    for (size_t i = 0; i < expressions_.size(); ++i) {
      if (RE2::PartialMatch(Piece(text), *expressions_[i])) {
        found.push_back(static_cast<int>(i));
      }
    }
    return found;
  }

 private:
  std::vector<std::unique_ptr<const RE2>> expressions_;
};

class SetMatcher final : public TextMatcher {
 public:
  static absl::StatusOr<std::unique_ptr<TextMatcher>> Compile(
      const std::vector<std::string>& expressions) {
    RE2::Options options = Options();
    options.set_max_mem(kSetBytesMax);
    auto set = std::make_unique<RE2::Set>(options, RE2::UNANCHORED);
    for (const std::string& expression : expressions) {
      std::string error;
      if (set->Add(expression, &error) < 0) {
        return absl::InvalidArgumentError(error);
      }
    }
    if (!set->Compile()) {
      return absl::ResourceExhaustedError(
          absl::StrCat(expressions.size(), " expressions are too large"));
    }
    return std::unique_ptr<TextMatcher>(
        new SetMatcher(std::move(set), expressions));
  }

  std::vector<int> Match(absl::string_view text) const override {
    std::vector<int> found;
    RE2::Set::ErrorInfo error;
    // False is also what it says when its memory is used up.
    if (!set_->Match(Piece(text), &found, &error) &&
        error.kind != RE2::Set::kNoError) {
      return fallback_.Match(text);
    }
    std::sort(found.begin(), found.end());
    return found;
  }

 private:
  SetMatcher(std::unique_ptr<RE2::Set> set,
             const std::vector<std::string>& expressions)
      : set_(std::move(set)), fallback_(expressions) {}

  const std::unique_ptr<const RE2::Set> set_;
  const OneByOneMatcher fallback_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TextMatcher>> NewTextMatcher(
    MatchWay way, const std::vector<std::string>& expressions) {
  // An empty set says that it was not compiled.
  const bool fits_a_set = !expressions.empty() && expressions.size() <= kSetMax;
  if (way == MatchWay::kSet || (way == MatchWay::kAutomatic && fits_a_set)) {
    absl::StatusOr<std::unique_ptr<TextMatcher>> set =
        SetMatcher::Compile(expressions);
    if (set.ok() || way == MatchWay::kSet) return set;
  }
  return std::unique_ptr<TextMatcher>(new OneByOneMatcher(expressions));
}

std::string WhyWrong(const std::string& expression) {
  const RE2 compiled(expression, Options());
  if (compiled.ok()) return "";
  std::string why = compiled.error();
  // RE2 names the characters, not what they mean elsewhere.
  if (compiled.error_code() == RE2::ErrorBadPerlOp ||
      compiled.error_arg() == "(?") {
    absl::StrAppend(&why, " (look-around and such do not exist in RE2)");
  }
  return why;
}

}  // namespace chatgate
