#include "client/responder/rule_file.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/file.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::TextFormat;
using Tree = TextFormat::ParseInfoTree;

constexpr size_t kFileBytesMax = 64 << 20;
// A match has at most 8 levels; what is far deeper would exhaust the stack.
constexpr int kNestingMax = 32;
// Some editors begin a file with it.
constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

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

// One name of a path such as `any[2]`, and the index behind it or -1.
std::pair<std::string, int> SplitIndex(absl::string_view name) {
  int index = -1;
  const size_t bracket = name.find('[');
  if (bracket == absl::string_view::npos) return {std::string(name), index};
  if (!absl::SimpleAtoi(name.substr(bracket + 1, name.size() - bracket - 2),
                        &index)) {
    index = -1;
  }
  return {std::string(name.substr(0, bracket)), index};
}

// Line of the thing at `path` below `tree`, counted from 1; of what holds it,
// or `otherwise`, where the file does not mention it.
int LineOf(const Tree* tree, const Descriptor* type, absl::string_view path,
           int otherwise) {
  int line = otherwise;
  for (const absl::string_view step :
       absl::StrSplit(path, '.', absl::SkipEmpty())) {
    const auto [name, index] = SplitIndex(step);
    const FieldDescriptor* field =
        type == nullptr ? nullptr : type->FindFieldByName(name);
    if (field == nullptr || tree == nullptr) break;
    // A list of no given element stands where its first one does.
    const int at = field->is_repeated() ? std::max(index, 0) : -1;
    const int found = tree->GetLocation(field, at).line;
    if (found >= 0) line = found + 1;
    type = field->message_type();
    if (type != nullptr) tree = tree->GetTreeForNested(field, at);
  }
  return line;
}

int LineOf(const Tree& tree, const RuleProblem& problem) {
  const std::string path =
      problem.rule < 0
          ? problem.field
          : absl::StrCat("rules[", problem.rule, "].", problem.field);
  return LineOf(&tree, v1::RuleFile::descriptor(), path, 1);
}

// The problems as lines of the file, in its order.
absl::Status Refuse(const Tree& tree, const std::vector<RuleProblem>& problems,
                    ErrorLines& errors) {
  std::vector<std::pair<int, std::string>> lines;
  lines.reserve(problems.size());
  for (const RuleProblem& problem : problems) {
    lines.emplace_back(LineOf(tree, problem), problem.reason);
  }
  std::stable_sort(
      lines.begin(), lines.end(),
      [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [line, reason] : lines) errors.AddError(line - 1, 0, reason);
  return errors.status();
}

std::string VersionOf(const std::string& text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), 6));
}

}  // namespace

absl::StatusOr<RuleSet> ParseRules(absl::string_view name,
                                   const std::string& text) {
  ErrorLines errors(name);
  Tree tree;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.WriteLocationsTo(&tree);
  parser.SetRecursionLimit(kNestingMax);
  v1::RuleFile file;
  const absl::string_view rest = absl::StripPrefix(text, kByteOrderMark);
  google::protobuf::io::ArrayInputStream input(rest.data(),
                                               static_cast<int>(rest.size()));
  if (!parser.Parse(&input, &file)) return errors.status();
  if (file.version().empty()) file.set_version(VersionOf(text));
  std::vector<RuleProblem> problems;
  absl::StatusOr<RuleSet> rules =
      RuleSet::Compile(std::move(file), MatchWay::kAutomatic, &problems);
  if (!problems.empty()) return Refuse(tree, problems, errors);
  return rules;
}

absl::StatusOr<RuleSet> ReadRules(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  if (text.size() > kFileBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ":1: the file is larger than 64 MiB"));
  }
  return ParseRules(path, text);
}

}  // namespace chatgate
