#ifndef CHATGATE_WEBHOOK_REST_REST_ROUTER_H_
#define CHATGATE_WEBHOOK_REST_REST_ROUTER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/backend/method_table.h"
#include "server/rest_codec/rest_argument.h"
#include "server/rest_codec/rest_method.h"

namespace chatgate {

// What a path and a verb lead to.
struct RestTarget {
  // Null: no such path, or `allow` says which verbs it has.
  const RestMethod* method = nullptr;
  std::string allow;               // Verbs of the path, such as `GET, HEAD`.
  bool first_version = false;      // The path began with `v1`.
  std::vector<std::string> holes;  // What fills them, in order.
  RestArguments defaults;          // Count where the call has no such argument.
  RestArguments fixed;             // Count in any case.
};

// Finds the method that a request is for, from the table of methods. Paths come
// with `v1`, with `v2`, and with neither, which is `v2`; slashes at the end and
// doubled ones make no difference. HEAD goes where GET goes.
//
// Outside of `v1` tags are added without saying so, and deleted by DELETE.
//
// Threads: immutable, so any.
class RestRouter {
 public:
  explicit RestRouter(const MethodTable& table);

  // `segments` are those of the path, each decoded.
  RestTarget Find(absl::string_view verb,
                  const std::vector<std::string>& segments) const;

 private:
  struct Route {
    std::string verb;
    const RestMethod* method;
    RestArguments fixed;
    bool only_later_versions = false;
  };

  std::vector<std::unique_ptr<const RestMethod>> methods_;
  std::vector<Route> routes_;
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_REST_REST_ROUTER_H_
