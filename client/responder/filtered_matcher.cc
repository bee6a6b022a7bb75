#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/responder/case_folder.h"
#include "client/responder/literal_index.h"
#include "client/responder/text_matcher.h"

namespace chatgate {
namespace {

// A pattern's shorter texts would be in nearly every message.
constexpr int kAtomBytesMin = 2;

// What a literal stands for.
struct Meaning {
  std::vector<int> phrases;  // Expressions that are this very text.
  std::vector<int> atoms;    // Of FilteredRE2.
};

struct Literals {
  std::vector<std::string> texts;  // Folded, distinct.
  std::vector<Meaning> meanings;   // Of each.
};

Literals FoldedLiterals(const CaseFolder& folder,
                        const std::vector<Expression>& expressions,
                        const std::vector<std::string>& atoms) {
  std::map<std::string, Meaning> by_text;
  for (size_t i = 0; i < expressions.size(); ++i) {
    if (!expressions[i].is_phrase) continue;
    by_text[folder.Fold(expressions[i].text)].phrases.push_back(
        static_cast<int>(i));
  }
  for (size_t i = 0; i < atoms.size(); ++i) {
    by_text[folder.Fold(atoms[i])].atoms.push_back(static_cast<int>(i));
  }
  Literals literals;
  for (auto& [text, meaning] : by_text) {
    literals.texts.push_back(text);
    literals.meanings.push_back(std::move(meaning));
  }
  return literals;
}

// All texts that the folder must keep apart.
std::vector<std::string> Unfolded(const std::vector<Expression>& expressions,
                                  std::vector<std::string> atoms) {
  for (const Expression& expression : expressions) {
    if (expression.is_phrase) atoms.push_back(expression.text);
  }
  return atoms;
}

class FilteredMatcher final : public TextMatcher {
 public:
  // `patterns` is null where there is none; `expression_of` is of each pattern.
  FilteredMatcher(CaseFolder folder, Literals literals,
                  std::unique_ptr<re2::FilteredRE2> patterns,
                  std::vector<int> expression_of)
      : folder_(std::move(folder)),
        index_(std::move(literals.texts)),
        meanings_(std::move(literals.meanings)),
        patterns_(std::move(patterns)),
        expression_of_(std::move(expression_of)) {
    if (patterns_ != nullptr) patterns_->AllPotentials({}, &always_);
  }

  std::vector<int> Match(absl::string_view text) const override {
    std::vector<int> found;
    std::vector<int> atoms;
    for (const int literal : index_.Find(folder_.Fold(text))) {
      const Meaning& meaning = meanings_[literal];
      found.insert(found.end(), meaning.phrases.begin(), meaning.phrases.end());
      atoms.insert(atoms.end(), meaning.atoms.begin(), meaning.atoms.end());
    }
    if (patterns_ != nullptr) MatchPatterns(text, atoms, found);
    std::sort(found.begin(), found.end());
    return found;
  }

 private:
  void MatchPatterns(absl::string_view text, const std::vector<int>& atoms,
                     std::vector<int>& found) const {
    std::vector<int> passed;
    // Most messages hold none of the texts, and then the answer is known.
    if (!atoms.empty()) patterns_->AllPotentials(atoms, &passed);
    for (const int pattern : atoms.empty() ? always_ : passed) {
      if (RE2::PartialMatch(re2::StringPiece(text.data(), text.size()),
                            patterns_->GetRE2(pattern))) {
        found.push_back(expression_of_[pattern]);
      }
    }
  }

  const CaseFolder folder_;
  const LiteralIndex index_;
  const std::vector<Meaning> meanings_;  // Of each literal of `index_`.
  const std::unique_ptr<const re2::FilteredRE2> patterns_;
  const std::vector<int> expression_of_;
  std::vector<int> always_;  // Patterns that no text rules out.
};

}  // namespace

absl::StatusOr<std::unique_ptr<TextMatcher>> NewFilteredMatcher(
    const std::vector<Expression>& expressions) {
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  auto patterns = std::make_unique<re2::FilteredRE2>(kAtomBytesMin);
  std::vector<int> expression_of;
  for (size_t i = 0; i < expressions.size(); ++i) {
    if (expressions[i].is_phrase) continue;
    int id = 0;
    const RE2::ErrorCode error =
        patterns->Add(expressions[i].text, options, &id);
    if (error == RE2::ErrorPatternTooLarge) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the pattern \"", expressions[i].text, "\""));
    }
    if (error != RE2::NoError) {
      return absl::InvalidArgumentError(expressions[i].text);
    }
    expression_of.push_back(static_cast<int>(i));
  }
  std::vector<std::string> atoms;
  if (expression_of.empty()) {
    patterns = nullptr;
  } else {
    patterns->Compile(&atoms);
  }
  CaseFolder folder(Unfolded(expressions, atoms));
  Literals literals = FoldedLiterals(folder, expressions, atoms);
  return std::unique_ptr<TextMatcher>(
      new FilteredMatcher(std::move(folder), std::move(literals),
                          std::move(patterns), std::move(expression_of)));
}

}  // namespace chatgate
