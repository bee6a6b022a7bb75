#include "client/responder/match_tree.h"

#include <re2/re2.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

std::vector<Expression> TextsOf(const v1::Match& match) {
  std::vector<Expression> texts;
  for (const std::string& phrase : match.phrases()) {
    texts.push_back({phrase, true});
  }
  for (const std::string& pattern : match.patterns()) {
    texts.push_back({pattern, false});
  }
  return texts;
}

// What `match` must not find, where it is as simple as that.
void AddForbidden(const v1::Match& match, std::vector<Expression>& forbidden) {
  for (const v1::Match& no : match.not_()) {
    if (!no.any().empty() || !no.all().empty() || !no.not_().empty()) continue;
    for (Expression& text : TextsOf(no)) forbidden.push_back(std::move(text));
  }
  for (const v1::Match& all : match.all()) AddForbidden(all, forbidden);
}

// True where a text that holds `wanted` always holds `forbidden` too.
bool Implies(const Expression& wanted, const Expression& forbidden) {
  if (wanted.is_phrase == forbidden.is_phrase &&
      wanted.text == forbidden.text) {
    return true;
  }
  return wanted.is_phrase && forbidden.is_phrase &&
         RE2::PartialMatch(wanted.text, *CompileExpression(forbidden));
}

std::string WhyNever(const v1::Match& match,
                     const std::vector<Expression>& forbidden) {
  const std::vector<Expression> texts = TextsOf(match);
  const auto is_excluded = [&](const Expression& text) {
    return std::any_of(forbidden.begin(), forbidden.end(),
                       [&](const Expression& no) { return Implies(text, no); });
  };
  if (match.any().empty() && !texts.empty() &&
      std::all_of(texts.begin(), texts.end(), is_excluded)) {
    return absl::StrCat("it can never match: \"", texts[0].text,
                        "\" is what `not` excludes");
  }
  for (const v1::Match& all : match.all()) {
    if (std::string why = WhyNever(all, forbidden); !why.empty()) return why;
  }
  return "";
}

}  // namespace

MatchTree::MatchTree(const v1::Match& match,
                     std::vector<Expression>& expressions) {
  for (Expression& text : TextsOf(match)) {
    texts_.push_back(static_cast<int>(expressions.size()));
    expressions.push_back(std::move(text));
  }
  for (const v1::Match& any : match.any()) any_.emplace_back(any, expressions);
  for (const v1::Match& all : match.all()) all_.emplace_back(all, expressions);
  for (const v1::Match& no : match.not_()) not_.emplace_back(no, expressions);
}

bool MatchTree::Holds(const std::vector<bool>& found) const {
  const auto holds = [&](const MatchTree& tree) { return tree.Holds(found); };
  const bool has_alternative =
      (texts_.empty() && any_.empty()) ||
      std::any_of(texts_.begin(), texts_.end(),
                  [&](int text) { return found[text]; }) ||
      std::any_of(any_.begin(), any_.end(), holds);
  return has_alternative && std::all_of(all_.begin(), all_.end(), holds) &&
         std::none_of(not_.begin(), not_.end(), holds);
}

bool MatchTree::NeedsText() const {
  const auto needs = [](const MatchTree& tree) { return tree.NeedsText(); };
  const bool has_alternatives = !texts_.empty() || !any_.empty();
  return (has_alternatives && std::all_of(any_.begin(), any_.end(), needs)) ||
         std::any_of(all_.begin(), all_.end(), needs);
}

std::string WhyNever(const v1::Match& match) {
  std::vector<Expression> forbidden;
  AddForbidden(match, forbidden);
  return forbidden.empty() ? "" : WhyNever(match, forbidden);
}

}  // namespace chatgate
