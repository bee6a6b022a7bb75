#include "webhook/health.h"

#include <utility>

#include "prometheus/text_serializer.h"

namespace chatgate {

void AddHealthRoutes(std::function<absl::Status()> readiness,
                     prometheus::Registry& registry, RouteTable* routes) {
  routes->Add("GET", "/healthz", [](const HttpRequest&) {
    return HttpResponse{.body = "{\"status\": \"alive\"}\n", .headers = {}};
  });
  routes->Add(
      "GET", "/readyz", [readiness = std::move(readiness)](const HttpRequest&) {
        const absl::Status status = readiness();
        if (!status.ok()) return ErrorResponse(503, status.message());
        return HttpResponse{.body = "{\"status\": \"ready\"}\n", .headers = {}};
      });
  routes->Add("GET", "/metrics", [&registry](const HttpRequest&) {
    HttpResponse response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = prometheus::TextSerializer().Serialize(registry.Collect());
    return response;
  });
}

}  // namespace chatgate
