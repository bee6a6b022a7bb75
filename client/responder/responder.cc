#include "client/responder/responder.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/file.h"
#include "client/status.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

constexpr size_t kCursorBytesMax = 1'000;

// Empty where there is no such file, or none is used.
absl::StatusOr<std::string> ReadCursor(const std::string& file) {
  if (file.empty()) return std::string();
  absl::StatusOr<std::string> cursor = ReadFile(file);
  if (absl::IsNotFound(cursor.status())) return std::string();
  if (!cursor.ok()) return cursor.status();
  absl::StripAsciiWhitespace(&*cursor);
  bool is_right = !cursor->empty() && cursor->size() <= kCursorBytesMax;
  for (const char c : *cursor) {
    is_right = is_right && absl::ascii_isgraph(static_cast<unsigned char>(c));
  }
  if (!is_right) {
    return absl::DataLossError(absl::StrCat(
        file, " holds no cursor; remove it to begin with what happens now"));
  }
  return cursor;
}

}  // namespace

Responder::Responder(ChatClient& client, RuleSet rules,
                     ResponderOptions options)
    : client_(client),
      options_(std::move(options)),
      answerer_(client, std::move(rules), options_.answers) {}

absl::Status Responder::Run(const std::function<void()>& on_ready) {
  ASSIGN_OR_RETURN(saved_cursor_, ReadCursor(options_.cursor_file));
  SubscriptionOptions stream = options_.stream;
  stream.request.Clear();
  stream.request.set_cursor(saved_cursor_);
  v1::EventFilter& filter = *stream.request.mutable_filter();
  filter.add_kinds(v1::EVENT_KIND_DASHLY_CONVERSATION);
  filter.add_directions("u2a");
  stream.on_retry = [](const absl::Status& why, absl::Duration wait) {
    LogWarning("stream is opened again", {{"wait", absl::FormatDuration(wait)},
                                          {"error", ErrorLine(why)}});
  };
  const std::shared_ptr<Subscription> subscription =
      Subscription::Start(client_, std::move(stream));
  {
    MutexLock lock(mu_);
    if (stopped_) return absl::OkStatus();
    subscription_ = subscription;
  }
  bool is_ready = false;
  const absl::Status end =
      subscription->Run([&](const v1::SubscribeResponse& response) {
        RETURN_IF_ERROR(Process(response));
        SaveCursor(response.cursor());
        if (!is_ready) on_ready();
        is_ready = true;
        return absl::OkStatus();
      });
  return absl::IsCancelled(end) ? absl::OkStatus() : end;
}

void Responder::Stop() {
  std::shared_ptr<Subscription> subscription;
  {
    MutexLock lock(mu_);
    stopped_ = true;
    subscription = subscription_;
  }
  answerer_.Stop();
  if (subscription != nullptr) subscription->Stop();
}

absl::Status Responder::Process(const v1::SubscribeResponse& response) {
  if (response.has_gap()) {
    LogError("events are gone unanswered",
             {{"first_seq", response.gap().first_seq()},
              {"last_seq", response.gap().last_seq()}});
  }
  for (const v1::Event& event : response.events()) {
    RETURN_IF_ERROR(answerer_.Answer(event));
  }
  return absl::OkStatus();
}

void Responder::SaveCursor(const std::string& cursor) {
  if (options_.cursor_file.empty() || cursor.empty() ||
      cursor == saved_cursor_) {
    return;
  }
  const absl::Status status =
      ReplaceFile(options_.cursor_file, absl::StrCat(cursor, "\n"));
  if (status.ok()) {
    saved_cursor_ = cursor;
  } else {
    // Nothing is lost yet: a restart would see answered messages again.
    LogError("cursor is not saved", {{"error", ErrorLine(status)}});
  }
}

}  // namespace chatgate
