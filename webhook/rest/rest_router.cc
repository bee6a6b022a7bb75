#include "webhook/rest/rest_router.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "chatgate/v1/chat_service.pb.h"
#include "chatgate/v1/options.pb.h"

namespace chatgate {
namespace {

// The one method that differs between the versions of the API.
bool IsTag(const RestMethod& method) {
  return method.method().descriptor->input_type() ==
         v1::TagConversationRequest::descriptor();
}

// What fills the holes; nullopt when the path is another one.
std::optional<std::vector<std::string>> Fit(
    const std::vector<PathPiece>& pieces,
    const std::vector<absl::string_view>& segments) {
  if (pieces.size() != segments.size()) return std::nullopt;
  std::vector<std::string> holes;
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].hole != nullptr) {
      holes.emplace_back(segments[i]);
    } else if (pieces[i].word != segments[i]) {
      return std::nullopt;
    }
  }
  return holes;
}

void AddVerb(absl::string_view verb, std::string* allow) {
  absl::StrAppend(allow, allow->empty() ? "" : ", ", verb,
                  verb == "GET" ? ", HEAD" : "");
}

}  // namespace

RestRouter::RestRouter(const MethodTable& table) {
  for (const Method& method : table.methods()) {
    methods_.push_back(std::make_unique<const RestMethod>(method));
    const RestMethod& added = *methods_.back();
    routes_.push_back({v1::Verb_Name(method.rest.verb()), &added, {}});
    if (IsTag(added)) {
      routes_.push_back({"DELETE",
                         &added,
                         {{"action", "delete"}},
                         /*only_later_versions=*/true});
    }
  }
}

RestTarget RestRouter::Find(absl::string_view verb,
                            const std::vector<std::string>& segments) const {
  std::vector<absl::string_view> path;
  for (const std::string& segment : segments) {
    if (!segment.empty()) path.emplace_back(segment);
  }
  RestTarget target;
  target.first_version = !path.empty() && path[0] == "v1";
  if (target.first_version || (!path.empty() && path[0] == "v2")) {
    path.erase(path.begin());
  }
  if (verb == "HEAD") verb = "GET";
  for (const Route& route : routes_) {
    if (route.only_later_versions && target.first_version) continue;
    auto holes = Fit(route.method->path(), path);
    if (!holes) continue;
    AddVerb(route.verb, &target.allow);
    if (verb != absl::string_view(route.verb)) continue;
    target.method = route.method;
    target.holes = *std::move(holes);
    target.fixed = route.fixed;
    if (IsTag(*route.method) && !target.first_version) {
      target.defaults = {{"action", "add"}};
    }
  }
  return target;
}

}  // namespace chatgate
