#include "webhook/rest/cross_origin.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace chatgate {
namespace {

// What a browser may be told to send: names, separated by commas.
bool IsHeaderList(absl::string_view text) {
  constexpr size_t kBytesMax = 1024;
  return text.size() <= kBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  c == '-' || c == '_' || c == ',' || c == ' ';
         });
}

}  // namespace

CrossOrigin::CrossOrigin(const std::vector<std::string>& origins)
    : origins_(origins.begin(), origins.end()),
      every_(origins_.contains("*")) {}

bool CrossOrigin::Allows(absl::string_view origin) const {
  return !origin.empty() && (every_ || origins_.contains(std::string(origin)));
}

void CrossOrigin::AddHeaders(const HttpRequest& request,
                             HttpResponse* response) const {
  if (origins_.empty()) return;
  response->headers.emplace_back("Vary", "Origin");
  const absl::string_view origin = request.Header("Origin");
  if (!Allows(origin)) return;
  response->headers.emplace_back("Access-Control-Allow-Origin",
                                 std::string(origin));
  response->headers.emplace_back("Access-Control-Expose-Headers",
                                 "Allow, Retry-After");
}

void CrossOrigin::AddPreflightHeaders(const HttpRequest& request,
                                      absl::string_view verbs,
                                      HttpResponse* response) const {
  if (!Allows(request.Header("Origin"))) return;
  response->headers.emplace_back("Access-Control-Allow-Methods",
                                 std::string(verbs));
  const absl::string_view asked =
      request.Header("Access-Control-Request-Headers");
  response->headers.emplace_back("Access-Control-Allow-Headers",
                                 asked.empty() || !IsHeaderList(asked)
                                     ? "Authorization, Content-Type"
                                     : std::string(asked));
  response->headers.emplace_back("Access-Control-Max-Age", "600");
}

}  // namespace chatgate
