#include "client/responder/text_matcher.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

// Beyond, a set's automaton grows too fast on texts that it has never seen.
constexpr size_t kSetMax = 16;
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

std::string SyntaxOf(const Expression& expression) {
  return expression.is_phrase ? RE2::QuoteMeta(expression.text)
                              : expression.text;
}

class OneByOneMatcher final : public TextMatcher {
 public:
  explicit OneByOneMatcher(const std::vector<Expression>& expressions) {
    for (const Expression& expression : expressions) {
      expressions_.push_back(CompileExpression(expression));
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
  SetMatcher(std::unique_ptr<RE2::Set> set,
             const std::vector<Expression>& expressions)
      : set_(std::move(set)), fallback_(expressions) {}

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
  const std::unique_ptr<const RE2::Set> set_;
  const OneByOneMatcher fallback_;
};

}  // namespace

std::unique_ptr<RE2> CompileExpression(const Expression& expression) {
  return std::make_unique<RE2>(SyntaxOf(expression), Options());
}

std::unique_ptr<TextMatcher> NewOneByOneMatcher(
    const std::vector<Expression>& expressions) {
  return std::make_unique<OneByOneMatcher>(expressions);
}

absl::StatusOr<std::unique_ptr<TextMatcher>> NewSetMatcher(
    const std::vector<Expression>& expressions) {
  // An empty set would say that it was not compiled.
  if (expressions.empty()) return NewOneByOneMatcher(expressions);
  RE2::Options options = Options();
  options.set_max_mem(kSetBytesMax);
  auto set = std::make_unique<RE2::Set>(options, RE2::UNANCHORED);
  for (const Expression& expression : expressions) {
    std::string error;
    if (set->Add(SyntaxOf(expression), &error) < 0) {
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

absl::StatusOr<std::unique_ptr<TextMatcher>> NewTextMatcher(
    MatchWay way, const std::vector<Expression>& expressions) {
  if (way == MatchWay::kOneByOne) return NewOneByOneMatcher(expressions);
  if (way == MatchWay::kSet) return NewSetMatcher(expressions);
  if (way == MatchWay::kAutomatic && expressions.size() <= kSetMax) {
    absl::StatusOr<std::unique_ptr<TextMatcher>> set =
        NewSetMatcher(expressions);
    if (set.ok()) return set;
  }
  return NewFilteredMatcher(expressions);
}

}  // namespace chatgate
