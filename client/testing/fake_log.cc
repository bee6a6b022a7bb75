#include "client/testing/fake_log.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"

namespace chatgate {
namespace {

constexpr uint64_t kBatchMax = 64;

template <typename List, typename Value>
bool Passes(const List& list, const Value& value) {
  return list.empty() ||
         std::find(list.begin(), list.end(), value) != list.end();
}

bool Matches(const v1::EventFilter& filter, const v1::Event& event) {
  const v1::ConversationPart& part = event.dashly_conversation().conversation();
  // Payload n of the oneof has kind n - 19.
  const int kind = static_cast<int>(event.payload_case()) - 19;
  return Passes(filter.kinds(), kind) &&
         Passes(filter.conversations(), event.conversation()) &&
         Passes(filter.user_ids(), absl::StrCat(part.sender().user_id())) &&
         Passes(filter.directions(), part.direction()) &&
         Passes(filter.part_types(), part.type()) &&
         Passes(filter.app_ids(), event.app_id());
}

absl::StatusOr<uint64_t> SeqOf(absl::string_view cursor) {
  uint64_t seq = 0;
  if (!absl::ConsumePrefix(&cursor, "fake:") ||
      !absl::SimpleAtoi(cursor, &seq)) {
    return absl::InvalidArgumentError("cursor cannot be read");
  }
  return seq;
}

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

}  // namespace

uint64_t FakeLog::Append(v1::Event event) {
  const uint64_t seq = head() + 1;
  event.set_seq(seq);
  event.set_cursor(Cursor(seq));
  if (event.id().empty()) event.set_id(absl::StrCat("event-", seq));
  if (!event.has_received_time()) {
    event.mutable_received_time()->set_seconds(
        absl::ToUnixSeconds(clock_.Now()));
  }
  events_.push_back(std::move(event));
  return seq;
}

std::string FakeLog::Cursor(uint64_t seq) { return absl::StrCat("fake:", seq); }

absl::StatusOr<uint64_t> FakeLog::Begin(
    const v1::SubscribeRequest& request) const {
  if (!request.cursor().empty()) {
    absl::StatusOr<uint64_t> seq = SeqOf(request.cursor());
    if (seq.ok() && *seq > head()) {
      return absl::OutOfRangeError("cursor is ahead");
    }
    return seq;
  }
  if (request.has_start_time()) {
    uint64_t seq = 0;
    while (seq < head() &&
           TimeOf(At(seq + 1).received_time()) < TimeOf(request.start_time())) {
      ++seq;
    }
    return seq;
  }
  return request.start() == v1::START_EARLIEST ? forgotten_ : head();
}

v1::SubscribeResponse FakeLog::ReadAfter(const v1::EventFilter& filter,
                                         uint64_t& position) const {
  v1::SubscribeResponse response;
  if (position < forgotten_) {
    response.mutable_gap()->set_first_seq(position + 1);
    response.mutable_gap()->set_last_seq(forgotten_);
    position = forgotten_;
  } else {
    const uint64_t end = std::min(head(), position + kBatchMax);
    while (position < end) {
      ++position;
      if (Matches(filter, At(position))) *response.add_events() = At(position);
    }
  }
  response.set_cursor(Cursor(position));
  return response;
}

absl::StatusOr<v1::ListEventsResponse> FakeLog::List(
    const v1::ListEventsRequest& request) const {
  const bool down = request.descending();
  const std::string& from =
      request.cursor().empty() ? request.page_token() : request.cursor();
  // The last event that was seen; going down, all after it were.
  absl::StatusOr<uint64_t> position = down ? head() + 1 : forgotten_;
  if (!from.empty()) position = SeqOf(from);
  if (!position.ok()) return position.status();
  uint64_t seq = *position;
  // Going down a cursor is the position after the first event to come.
  if (down && !from.empty()) ++seq;
  const int size = request.page_size() == 0 ? 20 : request.page_size();
  v1::ListEventsResponse response;
  while (response.events_size() < size &&
         (down ? seq > forgotten_ + 1 : seq < head())) {
    down ? --seq : ++seq;
    if (Matches(request.filter(), At(seq))) *response.add_events() = At(seq);
  }
  response.set_cursor(Cursor(down ? seq - 1 : seq));
  if (down ? seq > forgotten_ + 1 : seq < head()) {
    response.set_next_page_token(response.cursor());
  }
  return response;
}

}  // namespace chatgate
