#include "server/backend/method_table.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace chatgate {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

// Says what is wrong with one rule. `problem` is told each problem.
template <typename Problem>
void CheckPath(const Method& method, const Problem& problem) {
  const std::string& path = method.rest.path();
  if (path.empty()) problem("has no path");
  if (!path.empty() && path[0] == '/') problem("path begins with a slash");
  size_t at = 0;
  while ((at = path.find_first_of("{}", at)) != std::string::npos) {
    const size_t close = path.find('}', at);
    if (path[at] == '}' || close == std::string::npos) {
      problem("path has a brace without its partner");
      return;
    }
    const std::string hole = path.substr(at + 1, close - at - 1);
    const FieldDescriptor* field =
        method.descriptor->input_type()->FindFieldByName(hole);
    if (field == nullptr) {
      problem(absl::StrCat("hole `", hole, "` is no field of the request"));
    } else if (field->is_repeated() || field->message_type() != nullptr) {
      problem(absl::StrCat("hole `", hole, "` is no single value"));
    }
    at = close + 1;
  }
}

template <typename Problem>
void CheckRule(const Method& method, const Problem& problem) {
  const v1::RestRule& rest = method.rest;
  if (rest.verb() == v1::VERB_UNSPECIFIED) problem("has no verb");
  if (rest.priority() == v1::PRIORITY_UNSPECIFIED) problem("has no priority");
  if (method.descriptor->client_streaming() ||
      method.descriptor->server_streaming()) {
    problem("streams");
  }
  if (rest.verb() == v1::GET && !rest.idempotent()) {
    problem("reads, but is not idempotent");
  }
  CheckPath(method, problem);
  const Descriptor* response = method.descriptor->output_type();
  if (!rest.data().empty() &&
      response->FindFieldByName(rest.data()) == nullptr) {
    problem(
        absl::StrCat("data `", rest.data(), "` is no field of the response"));
  }
}

}  // namespace

absl::StatusOr<MethodTable> MethodTable::Build(
    const google::protobuf::ServiceDescriptor& service) {
  MethodTable table;
  std::vector<std::string> problems;
  for (int i = 0; i < service.method_count(); ++i) {
    const MethodDescriptor* descriptor = service.method(i);
    if (!descriptor->options().HasExtension(v1::rest)) continue;
    const Method method{descriptor,
                        descriptor->options().GetExtension(v1::rest)};
    const auto problem = [&](absl::string_view what) {
      problems.push_back(absl::StrCat(descriptor->name(), " ", what));
    };
    CheckRule(method, problem);
    const auto [entry, is_new] = table.by_request_.emplace(
        descriptor->input_type(), table.methods_.size());
    if (!is_new) {
      problem(absl::StrCat("has the request type of ",
                           table.methods_[entry->second].name()));
    }
    table.methods_.push_back(method);
  }
  if (table.methods_.empty()) problems.emplace_back("no method is mirrored");
  if (problems.empty()) return table;
  return absl::InvalidArgumentError(
      absl::StrCat(service.full_name(), ": ", absl::StrJoin(problems, "; ")));
}

const Method* MethodTable::Find(const Descriptor* request) const {
  const auto found = by_request_.find(request);
  return found == by_request_.end() ? nullptr : &methods_[found->second];
}

}  // namespace chatgate
