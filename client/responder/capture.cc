#include "client/responder/capture.h"

#include <re2/re2.h>

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/responder/text_matcher.h"

namespace chatgate {
namespace {

void AddPatterns(const v1::Match& match, std::vector<std::string>& patterns) {
  patterns.insert(patterns.end(), match.patterns().begin(),
                  match.patterns().end());
  for (const v1::Match& any : match.any()) AddPatterns(any, patterns);
  for (const v1::Match& all : match.all()) AddPatterns(all, patterns);
}

std::vector<std::unique_ptr<RE2>> PatternsOf(const v1::Match& match) {
  std::vector<std::string> patterns;
  AddPatterns(match, patterns);
  std::vector<std::unique_ptr<RE2>> compiled;
  for (const std::string& pattern : patterns) {
    auto one = CompileExpression({pattern, false});
    if (one->ok() && one->NumberOfCapturingGroups() > 0) {
      compiled.push_back(std::move(one));
    }
  }
  return compiled;
}

}  // namespace

std::set<std::string> CaptureNames(const v1::Match& match) {
  std::set<std::string> names;
  for (const auto& pattern : PatternsOf(match)) {
    for (int i = 1; i <= pattern->NumberOfCapturingGroups(); ++i) {
      names.insert(absl::StrCat(i));
    }
    for (const auto& [name, number] : pattern->NamedCapturingGroups()) {
      names.insert(name);
    }
  }
  return names;
}

Captures CapturesIn(const v1::Match& match, absl::string_view text) {
  Captures captures;
  for (const auto& pattern : PatternsOf(match)) {
    std::vector<re2::StringPiece> groups(pattern->NumberOfCapturingGroups() +
                                         1);
    if (!pattern->Match(re2::StringPiece(text.data(), text.size()), 0,
                        text.size(), RE2::UNANCHORED, groups.data(),
                        static_cast<int>(groups.size()))) {
      continue;
    }
    for (size_t i = 1; i < groups.size(); ++i) {
      if (groups[i].empty()) continue;
      const std::string value = groups[i].as_string();
      captures.emplace(absl::StrCat(i), value);
      const auto& names = pattern->CapturingGroupNames();
      if (const auto name = names.find(static_cast<int>(i));
          name != names.end()) {
        captures.emplace(name->second, value);
      }
    }
  }
  return captures;
}

}  // namespace chatgate
