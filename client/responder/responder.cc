#include "client/responder/responder.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/file.h"
#include "client/status.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

constexpr size_t kCursorBytesMax = 1'000;
// What is read back at a start: limits by the hour need no more, and most
// cooldowns.
constexpr absl::Duration kReadBack = absl::Hours(1);
constexpr size_t kReadBackEventsMax = 5'000;

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

// What leads and operators write to each other.
v1::EventFilter Filter() {
  v1::EventFilter filter;
  filter.add_kinds(v1::EVENT_KIND_DASHLY_CONVERSATION);
  filter.add_directions("u2a");
  filter.add_directions("a2u");
  filter.add_part_types("reply_user");
  filter.add_part_types("chat_bot_user");
  filter.add_part_types("reply_admin");
  return filter;
}

// False where a crash after `response` would only show again what no answer was
// asked for: the cursor need not be saved then.
bool IsWorthSaving(const v1::SubscribeResponse& response) {
  if (response.events().empty()) return true;
  for (const v1::Event& event : response.events()) {
    if (event.dashly_conversation().conversation().direction() == "u2a") {
      return true;
    }
  }
  return false;
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
  *stream.request.mutable_filter() = Filter();
  stream.on_retry = [](const absl::Status& why, absl::Duration wait) {
    LogWarning("stream is opened again", {{"wait", absl::FormatDuration(wait)},
                                          {"error", ErrorLine(why)}});
  };
  if (!saved_cursor_.empty()) ReadBack(saved_cursor_);
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
        if (is_ready && !IsWorthSaving(response)) return absl::OkStatus();
        const absl::Status saved = SaveCursor(answerer_.DoneCursor());
        if (is_ready) return absl::OkStatus();
        // Later it may be a full disk; the first time it is a wrong path.
        RETURN_IF_ERROR(saved);
        on_ready();
        is_ready = true;
        return absl::OkStatus();
      });
  answerer_.Finish();
  (void)SaveCursor(answerer_.DoneCursor());
  return absl::IsCancelled(end) ? absl::OkStatus() : end;
}

void Responder::Stop() {
  std::shared_ptr<Subscription> subscription;
  {
    MutexLock lock(mu_);
    stopped_ = true;
    stopped_changed_.SignalAll();
    subscription = subscription_;
  }
  answerer_.Stop();
  if (subscription != nullptr) subscription->Stop();
}

void Responder::ReadBack(const std::string& cursor) {
  v1::ListEventsRequest request;
  *request.mutable_filter() = Filter();
  request.set_cursor(cursor);
  request.set_descending(true);
  request.set_page_size(50);
  std::vector<v1::Event> newest_first;
  bool is_enough = false;
  while (!is_enough) {
    v1::ListEventsResponse response;
    if (!ListPage(request, response)) break;
    for (const v1::Event& event : response.events()) {
      newest_first.push_back(event);
      is_enough =
          newest_first.size() >= kReadBackEventsMax ||
          ReceivedTime(newest_first.front()) - ReceivedTime(event) > kReadBack;
      if (is_enough) break;
    }
    is_enough = is_enough || response.next_page_token().empty();
    request.clear_cursor();
    request.set_page_token(response.next_page_token());
  }
  for (auto event = newest_first.rbegin(); event != newest_first.rend();
       ++event) {
    answerer_.Remember(*event);
  }
}

// A gateway that starts after the responder must not cost it its guards.
bool Responder::ListPage(const v1::ListEventsRequest& request,
                         v1::ListEventsResponse& page) {
  Backoff backoff(options_.stream.backoff);
  while (true) {
    {
      MutexLock lock(mu_);
      if (stopped_) return false;
    }
    // The waits are made here, where Stop ends them.
    CallOptions once;
    once.retry = false;
    const absl::Status status = client_.ListEvents(request, &page, once);
    if (status.ok()) return true;
    if (IsTerminal(status)) {
      LogWarning("what was said before is not known",
                 {{"error", ErrorLine(status)}});
      return false;
    }
    const absl::Duration wait = std::max(
        backoff.Next(), RetryDelay(status).value_or(absl::ZeroDuration()));
    LogWarning(
        "what was said before is asked for again",
        {{"wait", absl::FormatDuration(wait)}, {"error", ErrorLine(status)}});
    MutexLock lock(mu_);
    if (stopped_) return false;
    options_.stream.waiter->Wait(Waiter::Reason::kBackoff, wait,
                                 stopped_changed_, mu_);
  }
}

absl::Status Responder::Process(const v1::SubscribeResponse& response) {
  if (response.has_gap()) {
    LogError("events are gone unanswered",
             {{"first_seq", response.gap().first_seq()},
              {"last_seq", response.gap().last_seq()}});
    answerer_.metrics().CountGap(response.gap().last_seq() + 1 -
                                 response.gap().first_seq());
  }
  return answerer_.Answer(response);
}

absl::Status Responder::SaveCursor(const std::string& cursor) {
  if (options_.cursor_file.empty() || cursor.empty() ||
      cursor == saved_cursor_) {
    return absl::OkStatus();
  }
  const absl::Status status =
      ReplaceFile(options_.cursor_file, absl::StrCat(cursor, "\n"));
  if (status.ok()) {
    saved_cursor_ = cursor;
  } else {
    // Nothing is lost yet: a restart would see answered messages again.
    LogError("cursor is not saved", {{"error", ErrorLine(status)}});
  }
  return status;
}

}  // namespace chatgate
