#include "webhook/route_table.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace chatgate {
namespace {

bool IsHole(absl::string_view segment) {
  return absl::StartsWith(segment, "{") && absl::EndsWith(segment, "}");
}

// What fills the holes; nullopt when the path is another one.
std::optional<std::vector<std::string>> Fit(
    const std::vector<std::string>& pattern,
    const std::vector<std::string>& segments) {
  if (pattern.size() != segments.size()) return std::nullopt;
  std::vector<std::string> holes;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (IsHole(pattern[i])) {
      holes.push_back(segments[i]);
    } else if (pattern[i] != segments[i]) {
      return std::nullopt;
    }
  }
  return holes;
}

}  // namespace

void RouteTable::Add(absl::string_view method, absl::string_view pattern,
                     HttpHandler handler, Unread unread) {
  routes_.push_back({std::string(method),
                     absl::StrSplit(pattern, '/', absl::SkipEmpty()),
                     std::move(handler), std::move(unread)});
}

HttpResponse RouteTable::Answer(HttpRequest& request) const {
  std::string allow;
  if (const Route* route = Find(request, &allow)) {
    return route->handler(request);
  }
  if (allow.empty()) {
    return fallback_ ? fallback_(request)
                     : ErrorResponse(404, "there is nothing at this path");
  }
  HttpResponse response =
      ErrorResponse(405, absl::StrCat("this path knows only ", allow));
  response.headers.emplace_back("Allow", allow);
  return response;
}

void RouteTable::SetFallback(HttpHandler handler, UnreadAnswer unread) {
  fallback_ = std::move(handler);
  unread_fallback_ = std::move(unread);
}

HttpResponse RouteTable::Refuse(HttpRequest& request,
                                const Refusal& refusal) const {
  std::string allow;
  const Route* route = Find(request, &allow);
  if (route != nullptr && route->unread) route->unread(refusal);
  if (route == nullptr && allow.empty() && unread_fallback_) {
    return unread_fallback_(request, refusal);
  }
  return ErrorResponse(refusal);
}

const RouteTable::Route* RouteTable::Find(HttpRequest& request,
                                          std::string* allow) const {
  for (const Route& route : routes_) {
    auto holes = Fit(route.pattern, request.segments);
    if (!holes) continue;
    const bool get = route.method == "GET";
    if (route.method == request.method || (get && request.method == "HEAD")) {
      request.holes = *std::move(holes);
      return &route;
    }
    absl::StrAppend(allow, allow->empty() ? "" : ", ", route.method,
                    get ? ", HEAD" : "");
  }
  return nullptr;
}

}  // namespace chatgate
