#include "webhook/event_intake.h"

#include <functional>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/log.h"

namespace chatgate {
namespace {

HttpResponse Stored(absl::string_view result) {
  HttpResponse response;
  response.body = absl::StrCat("{\"result\": \"", result, "\"}\n");
  return response;
}

}  // namespace

HttpResponse EventIntake::Store(absl::string_view source,
                                absl::string_view hook, NewEvent event) const {
  const bool understood = !event.event.has_unrecognized();
  // Shared, because a std::function must be copyable and an event is large.
  const auto waiting = std::make_shared<NewEvent>(std::move(event));
  auto later = std::make_shared<LaterAnswer>();
  const auto made_of = [this, source, hook,
                        understood](absl::StatusOr<Appended> appended) {
    return [this, source, hook, understood, appended = std::move(appended)] {
      return Answer(source, hook, understood, appended);
    };
  };
  later->begin = [this, waiting,
                  made_of](std::function<void(LaterAnswer::Make)> answer) {
    sink_.Append(std::move(*waiting), [made_of, answer = std::move(answer)](
                                          absl::StatusOr<Appended> appended) {
      answer(made_of(std::move(appended)));
    });
  };
  later->time_max = store_time_max_;
  later->too_late = [made_of] {
    return made_of(absl::DeadlineExceededError("the log does not answer"))();
  };
  HttpResponse response;
  response.later = std::move(later);
  return response;
}

HttpResponse EventIntake::Answer(
    absl::string_view source, absl::string_view hook, bool understood,
    const absl::StatusOr<Appended>& appended) const {
  if (appended.ok()) {
    const absl::string_view result = appended->duplicate ? "duplicate"
                                     : understood        ? "stored"
                                                         : "unrecognized";
    counters_.Count(source, hook, result);
    return Stored(result);
  }
  LogWarning("webhook not stored", {{"source", source},
                                    {"hook", hook},
                                    {"reason", appended.status().ToString()}});
  if (absl::IsInvalidArgument(appended.status())) {
    counters_.Count(source, hook, "too_large");
    return ErrorResponse(413, "the event is too large");
  }
  counters_.Count(source, hook, "unavailable");
  HttpResponse response =
      ErrorResponse(503, "the event could not be stored; send it again");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace chatgate
