#include "webhook/rest/incoming_call.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "server/base/status_macros.h"
#include "server/rest_codec/form_body.h"
#include "server/rest_codec/json_body.h"

namespace chatgate {
namespace {

// The media type of a `Content-Type`, in lower case.
std::string MediaType(absl::string_view content_type) {
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(
      content_type.substr(0, content_type.find(';'))));
}

absl::Status AppendBodyArguments(const HttpRequest& request,
                                 RestArguments* arguments) {
  const absl::string_view content_type = request.Header("Content-Type");
  const std::string type = MediaType(content_type);
  if (type == "multipart/form-data") {
    return AppendMultipartArguments(content_type, request.body, arguments);
  }
  if (type == "application/json" || absl::EndsWith(type, "+json")) {
    return AppendJsonArguments(request.body, arguments);
  }
  // Browsers say `text/plain` of what a program gave them as text.
  if (type != "application/x-www-form-urlencoded" &&
      absl::StartsWith(absl::StripLeadingAsciiWhitespace(request.body), "{")) {
    return AppendJsonArguments(request.body, arguments);
  }
  return AppendFormArguments(request.body, arguments);
}

}  // namespace

absl::StatusOr<RestArguments> ReadArguments(const HttpRequest& request) {
  RestArguments arguments;
  RETURN_IF_ERROR(AppendQueryArguments(request.query, &arguments));
  RETURN_IF_ERROR(AppendBodyArguments(request, &arguments));
  return arguments;
}

const RestArgument* FindArgument(const RestArguments& arguments,
                                 absl::string_view name) {
  for (auto it = arguments.rbegin(); it != arguments.rend(); ++it) {
    if (it->name == name) return &*it;
  }
  return nullptr;
}

std::string ReadToken(const HttpRequest& request,
                      const RestArguments& arguments) {
  const RestArgument* argument = FindArgument(arguments, "auth_token");
  if (argument != nullptr && !argument->value.empty()) return argument->value;
  const absl::string_view header =
      absl::StripAsciiWhitespace(request.Header("Authorization"));
  const size_t space = header.find(' ');
  if (space == absl::string_view::npos) return "";
  const absl::string_view scheme = header.substr(0, space);
  if (!absl::EqualsIgnoreCase(scheme, "token") &&
      !absl::EqualsIgnoreCase(scheme, "bearer")) {
    return "";
  }
  return std::string(absl::StripAsciiWhitespace(header.substr(space)));
}

}  // namespace chatgate
