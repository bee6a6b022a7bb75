#include "client/responder/rule_file.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/file.h"
#include "client/responder/rule_set.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::TextFormat;
using Tree = TextFormat::ParseInfoTree;

class ErrorLines final : public google::protobuf::io::ErrorCollector {
 public:
  explicit ErrorLines(absl::string_view name) : name_(name) {}

  void AddError(int line, google::protobuf::io::ColumnNumber /*column*/,
                const std::string& message) override {
    lines_.push_back(absl::StrCat(name_, ":", line + 1, ": ", message));
  }
  absl::Status status() const {
    return absl::InvalidArgumentError(absl::StrJoin(lines_, "\n"));
  }

 private:
  const absl::string_view name_;
  std::vector<std::string> lines_;
};

// Line of the thing at `path` below `tree`, counted from 1; `otherwise` where
// the file does not mention it.
int LineOf(const Tree* tree, const Descriptor* type, absl::string_view path,
           int index, int otherwise) {
  const std::vector<std::string> names =
      absl::StrSplit(path, '.', absl::SkipEmpty());
  int line = otherwise;
  for (size_t i = 0; i < names.size() && tree != nullptr; ++i) {
    const FieldDescriptor* field = type->FindFieldByName(names[i]);
    if (field == nullptr) break;
    // A list of no given element stands where its first one does.
    const bool is_last = i + 1 == names.size();
    const int at = field->is_repeated() ? std::max(is_last ? index : 0, 0) : -1;
    const int found = tree->GetLocation(field, at).line;
    if (found >= 0) line = found + 1;
    if (is_last) break;
    tree = tree->GetTreeForNested(field, at);
    type = field->message_type();
  }
  return line;
}

int LineOf(const Tree& tree, const RuleProblem& problem) {
  const Descriptor* file = v1::RuleFile::descriptor();
  if (problem.rule < 0) {
    return LineOf(&tree, file, problem.field, problem.index, 1);
  }
  const int rule_line = LineOf(&tree, file, "rules", problem.rule, 1);
  return LineOf(
      tree.GetTreeForNested(file->FindFieldByName("rules"), problem.rule),
      v1::Rule::descriptor(), problem.field, problem.index, rule_line);
}

}  // namespace

absl::StatusOr<v1::RuleFile> ParseRuleFile(absl::string_view name,
                                           const std::string& text) {
  ErrorLines errors(name);
  Tree tree;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.WriteLocationsTo(&tree);
  v1::RuleFile file;
  if (!parser.ParseFromString(text, &file)) return errors.status();
  std::vector<std::pair<int, std::string>> lines;
  for (const RuleProblem& problem : CheckRules(file)) {
    lines.emplace_back(LineOf(tree, problem), problem.reason);
  }
  if (lines.empty()) return file;
  std::stable_sort(
      lines.begin(), lines.end(),
      [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [line, reason] : lines) errors.AddError(line - 1, 0, reason);
  return errors.status();
}

absl::StatusOr<v1::RuleFile> ReadRuleFile(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return ParseRuleFile(path, text);
}

}  // namespace chatgate
