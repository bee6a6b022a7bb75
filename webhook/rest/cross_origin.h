#ifndef CHATGATE_WEBHOOK_REST_CROSS_ORIGIN_H_
#define CHATGATE_WEBHOOK_REST_CROSS_ORIGIN_H_

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "webhook/http_message.h"

namespace chatgate {

// Which pages of other origins a browser may let call. Immutable.
class CrossOrigin {
 public:
  // Origins such as `https://panel.example`, compared whole; `*` is every one.
  explicit CrossOrigin(const std::vector<std::string>& origins);

  // Adds what an answer to `request` must say.
  void AddHeaders(const HttpRequest& request, HttpResponse* response) const;

  // Adds what an answer to a browser's question (`OPTIONS`) must say beside.
  void AddPreflightHeaders(const HttpRequest& request, absl::string_view verbs,
                           HttpResponse* response) const;

 private:
  bool Allows(absl::string_view origin) const;

  std::set<std::string> origins_;
  bool every_ = false;
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_REST_CROSS_ORIGIN_H_
