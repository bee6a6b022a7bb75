#ifndef CHATGATE_WEBHOOK_ROUTE_TABLE_H_
#define CHATGATE_WEBHOOK_ROUTE_TABLE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "webhook/http_message.h"

namespace chatgate {

// Answers a request. Called on the connection's own thread, from many at once;
// it may wait, within limits of its own.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

// Which handler a request belongs to. Filled at start, then only read.
//
//   routes.Add("POST", "/webhooks/chatlio/{secret}/{hook}", handler);
//
// A hole takes one whole segment, decoded, `%2F` included. A slash at the end
// of a path and doubled slashes make no difference. The route added first wins.
class RouteTable {
 public:
  // Told when a request to the route got no further than its body: too large,
  // too slow, not to be unzipped.
  using Unread = std::function<void(const Refusal&)>;

  void Add(absl::string_view method, absl::string_view pattern,
           HttpHandler handler, Unread unread = nullptr);

  // Answers every path that no route has, and what got no further than its body
  // there, in a form of its own.
  using UnreadAnswer =
      std::function<HttpResponse(const HttpRequest&, const Refusal&)>;
  void SetFallback(HttpHandler handler, UnreadAnswer unread);

  // Calls the route's handler, with the holes filled in. 405 with `Allow` for a
  // known path; HEAD goes where GET goes. An unknown path is the fallback's,
  // without one 404.
  HttpResponse Answer(HttpRequest& request) const;

  // Tells the route, if there is one. The answer to a request that got no
  // further than its body; of its head, too, there may be only a part.
  HttpResponse Refuse(HttpRequest& request, const Refusal& refusal) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> pattern;
    HttpHandler handler;
    Unread unread;
  };

  // The route, with the holes filled in; nullptr when none fits. `allow` gets
  // the verbs that the path knows.
  const Route* Find(HttpRequest& request, std::string* allow) const;

  std::vector<Route> routes_;
  HttpHandler fallback_;
  UnreadAnswer unread_fallback_;
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_ROUTE_TABLE_H_
