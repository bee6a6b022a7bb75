#include "server/service/event_lister.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/backend/arguments.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/event_log/cursor.h"
#include "server/service/response_builder.h"
#include "server/subscription/start_position.h"

namespace chatgate {
namespace {

constexpr int kPageSizeDefault = 20;
constexpr int kPageSizeMax = 50;
constexpr uint64_t kExaminedMax = 10'000;
constexpr uint64_t kBatchEvents = 256;

// One page while it fills.
class Page {
 public:
  Page(EventLog& log, const EventFilter& filter,
       const v1::ListEventsRequest& request, v1::ListEventsResponse* response)
      : log_(log),
        filter_(filter),
        request_(request),
        response_(*response),
        size_(request.page_size() == 0
                  ? kPageSizeDefault
                  : std::min(request.page_size(), kPageSizeMax)) {}

  absl::Status Fill() {
    ASSIGN_OR_RETURN(position_, Start());
    return request_.descending() ? FillDown() : FillUp();
  }

 private:
  absl::Status FillUp() {
    const uint64_t head = log_.Head();
    uint64_t examined = 0;
    bool full = false;
    while (!full && position_ < head && examined < kExaminedMax) {
      const uint64_t before = position_;
      const absl::StatusOr<EventBatch> read = log_.ReadAfter(
          position_, std::min(kBatchEvents, kExaminedMax - examined),
          kResponseBytesMax);
      if (examined > 0 && IsDamage(read.status())) break;
      ASSIGN_OR_RETURN(const EventBatch batch, read);
      if (batch.lost.has_value()) {
        if (examined > 0) break;  // A gap is told before the events of a page.
        if (TellsGap()) {
          // Retention may delete more between two reads: one gap tells all.
          if (!response_.has_gap()) {
            response_.mutable_gap()->set_first_seq(batch.lost->first_seq);
          }
          response_.mutable_gap()->set_last_seq(batch.lost->last_seq);
        }
        position_ = batch.lost->last_seq;
        continue;
      }
      if (batch.position <= position_) break;
      ASSIGN_OR_RETURN(full, Take(batch));
      if (!full) position_ = batch.position;
      examined += position_ - before;
    }
    response_.set_cursor(EncodeCursor(log_.CursorAt(position_)));
    if (position_ < head) response_.set_next_page_token(Token());
    return absl::OkStatus();
  }

  // `position_` then means: what is after it was examined.
  absl::Status FillDown() {
    const uint64_t begin = position_;
    const uint64_t tail = log_.Tail();
    response_.set_cursor(EncodeCursor(log_.CursorAt(begin)));
    if (begin < tail) {
      TellGapTo(begin);
      return absl::OkStatus();
    }
    uint64_t examined = 0;
    bool full = false;
    while (!full && position_ > 0 && examined < kExaminedMax) {
      const uint64_t before = position_;
      const absl::StatusOr<EventBatch> read = log_.ReadBack(
          position_, std::min(kBatchEvents, kExaminedMax - examined),
          kResponseBytesMax);
      if (examined > 0 && IsDamage(read.status())) break;
      ASSIGN_OR_RETURN(const EventBatch batch, read);
      ASSIGN_OR_RETURN(full, Take(batch));
      if (!full) position_ = batch.position;
      examined += before - position_;
    }
    // Retention came between the two looks.
    if (response_.events().empty() && begin < log_.Tail()) TellGapTo(begin);
    if (position_ >= tail) {
      response_.set_next_page_token(Token());
    }
    return absl::OkStatus();
  }

  // Where the next page begins, and of which list it is.
  std::string Token() const {
    return absl::StrCat(EncodeCursor(log_.CursorAt(position_)), ".",
                        ListName());
  }

  std::string ListName() const {
    v1::ListEventsRequest list;
    *list.mutable_filter() = request_.filter();
    list.set_descending(request_.descending());
    return absl::BytesToHexString(Fingerprint(list).substr(0, 4));
  }

  // What was read before a damaged event is a page; the next one begins with
  // it.
  static bool IsDamage(const absl::Status& status) {
    return absl::IsDataLoss(status);
  }

  // Losses before the first page are no news to the client.
  bool TellsGap() const {
    return !request_.cursor().empty() || !request_.page_token().empty();
  }

  void TellGapTo(uint64_t last_seq) {
    if (last_seq == 0 || !TellsGap()) return;
    response_.mutable_gap()->set_first_seq(1);
    response_.mutable_gap()->set_last_seq(last_seq);
  }

  absl::StatusOr<uint64_t> Start() const {
    if (!request_.page_token().empty() && !request_.cursor().empty()) {
      return InvalidField("cursor", "excludes `page_token`");
    }
    if (!request_.page_token().empty()) {
      const auto [cursor, list] =
          std::pair<absl::string_view, absl::string_view>(
              absl::StrSplit(request_.page_token(), absl::MaxSplits('.', 1)));
      ASSIGN_OR_RETURN(const uint64_t position,
                       PositionOfCursor(log_, "page_token", cursor));
      if (list == ListName()) return position;
      return InvalidField("page_token",
                          "is of a list with another `filter` or `descending`");
    }
    if (!request_.cursor().empty()) {
      return PositionOfCursor(log_, "cursor", request_.cursor());
    }
    return request_.descending() ? log_.Head() : log_.Tail() - 1;
  }

  // Adds what matches, and moves the position over it. True when the page is
  // full.
  absl::StatusOr<bool> Take(const EventBatch& batch) {
    for (const std::shared_ptr<const EventRecord>& record : batch.events) {
      if (filter_.Matches(record->traits)) {
        std::string raw;
        if (request_.include_raw()) {
          absl::StatusOr<std::string> read = log_.ReadRaw(record->seq);
          // Gone in between: the next page tells of the gap.
          if (absl::IsNotFound(read.status())) return true;
          if (IsDamage(read.status()) && response_.events_size() > 0) {
            return true;
          }
          ASSIGN_OR_RETURN(raw, std::move(read));
        }
        const std::string slice = SliceWithRaw(*record, raw);
        if (bytes_ > 0 && bytes_ + slice.size() > kResponseBytesMax) {
          return true;
        }
        bytes_ += slice.size();
        *response_.add_events() = ParseSlice(slice);
      }
      position_ = request_.descending() ? record->seq - 1 : record->seq;
      if (response_.events_size() == size_) return true;
    }
    return false;
  }

  EventLog& log_;
  const EventFilter& filter_;
  const v1::ListEventsRequest& request_;
  v1::ListEventsResponse& response_;
  const int size_;
  uint64_t position_ = 0;
  size_t bytes_ = 0;
};

}  // namespace

absl::Status ListEvents(EventLog& log, const EventFilter& filter,
                        const v1::ListEventsRequest& request,
                        v1::ListEventsResponse* response) {
  if (request.page_size() < 0) {
    return InvalidField("page_size", "must not be negative");
  }
  return Page(log, filter, request, response).Fill();
}

}  // namespace chatgate
