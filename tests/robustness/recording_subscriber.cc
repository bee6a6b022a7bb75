#include "tests/robustness/recording_subscriber.h"

#include <grpcpp/grpcpp.h>
#include <httplib.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "server/event_log/cursor.h"
#include "server/json/json_reader.h"

namespace chatgate::robustness {
namespace {

Response Recorded(const v1::SubscribeResponse& response, uint64_t position) {
  Response recorded;
  recorded.position = position;
  recorded.bytes = response.ByteSizeLong();
  if (response.has_gap()) {
    recorded.gap =
        GapTold{response.gap().first_seq(), response.gap().last_seq()};
  }
  if (response.has_heartbeat()) recorded.head = response.heartbeat().head();
  for (const v1::Event& event : response.events()) {
    recorded.events.push_back(SeenOf(event));
  }
  return recorded;
}

// A record of a stream over HTTP, by its lines.
struct SseRecord {
  std::string cursor;
  std::string kind;  // Empty for a heartbeat.
  std::string data;
};

SseRecord ParseRecord(const std::string& text) {
  SseRecord record;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StartsWith(line, "id: ")) {
      record.cursor = std::string(line.substr(4));
    } else if (absl::StartsWith(line, "event: ")) {
      record.kind = std::string(line.substr(7));
    } else if (absl::StartsWith(line, "data: ")) {
      record.data = std::string(line.substr(6));
    }
  }
  return record;
}

Response Recorded(const SseRecord& record, uint64_t position) {
  Response recorded;
  recorded.position = position;
  if (record.kind == "gap") {
    v1::Gap gap;
    if (ReadJson(record.data, &gap).ok()) {
      recorded.gap = GapTold{gap.first_seq(), gap.last_seq()};
    }
  } else if (!record.kind.empty() && record.kind != "end") {
    v1::Event event;
    if (ReadJson(record.data, &event).ok()) {
      recorded.events.push_back(SeenOf(event));
    }
  }
  return recorded;
}

// The body up to its padding.
std::string TextOf(const std::string& body) {
  return body.substr(0, body.find(' ') + 1);
}

}  // namespace

Seen SeenOf(const v1::Event& event) {
  const std::string& body = event.dashly_conversation().conversation().body();
  return {event.seq(), TextOf(body), event.conversation(),
          event.received_time().seconds() * 1'000'000'000 +
              event.received_time().nanos()};
}

RecordingSubscriber::RecordingSubscriber(const Gateway& gateway, Habits habits)
    : gateway_(gateway), habits_(std::move(habits)) {
  thread_ = std::thread([this] { Run(); });
}

std::vector<Subscriber> RecordingSubscriber::Finish() {
  thread_.join();
  return std::move(got_);
}

void RecordingSubscriber::Run() {
  BeginLife();
  while (position_ < end_) {
    if (habits_.life_max != 0 && life_responses_ >= habits_.life_max) {
      BeginLife();
    }
    Begin();
    habits_.over_http ? ReadHttpStream() : ReadStream();
  }
}

void RecordingSubscriber::BeginLife() {
  got_.push_back({habits_.name, habits_.conversation, {}});
  position_ = 0;
  cursor_.clear();
  life_responses_ = 0;
}

void RecordingSubscriber::Begin() {
  // A stream that said nothing is none.
  std::vector<StreamOfOne>& streams = got_.back().streams;
  if (!streams.empty() && streams.back().responses.empty()) streams.pop_back();
  streams.push_back({.after = position_, .responses = {}});
  responses_ = 0;
  shown_.clear();
}

bool RecordingSubscriber::Record(const std::string& cursor, uint64_t position,
                                 Response response) {
  // The oldest event need not be the first there ever was: the first response
  // says where the stream began.
  Subscriber& life = got_.back();
  if (cursor_.empty()) {
    life.streams.back().after = position;
    if (habits_.start == Start::kTime) {
      life.start = TimedStart{start_nanos_, response.head.value_or(0)};
    }
  }
  cursor_ = cursor;
  position_ = position;
  life.streams.back().responses.push_back(std::move(response));
  ++responses_;
  ++life_responses_;
  return responses_ != habits_.responses_max &&
         life_responses_ != habits_.life_max && position_ < end_;
}

void RecordingSubscriber::AskForStart(v1::SubscribeRequest* request) {
  switch (habits_.start) {
    case Start::kEarliest:
      request->set_start(v1::START_EARLIEST);
      break;
    case Start::kTime: {
      const int64_t nanos =
          absl::ToUnixNanos(absl::Now() - absl::Milliseconds(500));
      request->mutable_start_time()->set_seconds(nanos / 1'000'000'000);
      request->mutable_start_time()->set_nanos(
          static_cast<int32_t>(nanos % 1'000'000'000));
      start_nanos_ = nanos;
      break;
    }
    case Start::kSnapshot:
      request->set_snapshot(true);
      break;
  }
}

bool RecordingSubscriber::TakeSnapshot(const v1::Snapshot& piece) {
  for (const v1::Conversation& each : piece.conversations()) {
    shown_.push_back({absl::StrCat("dashly:", each.id()),
                      static_cast<uint64_t>(each.parts_count()),
                      TextOf(each.part_last().body())});
  }
  if (piece.done()) got_.back().snapshot = std::move(shown_);
  return piece.done();
}

void RecordingSubscriber::ReadStream() {
  const auto stub = gateway_.NewStub();
  grpc::ClientContext context;
  Gateway::Authorize(&context);
  // Longer than the gateway lets a stream be, and shorter than a test.
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(90)));
  v1::SubscribeRequest request;
  request.set_cursor(cursor_);
  if (cursor_.empty()) AskForStart(&request);
  request.set_include_raw(habits_.include_raw);
  request.mutable_batch_delay()->set_nanos(
      static_cast<int32_t>(habits_.batch_delay_ms * 1'000'000));
  if (!habits_.conversation.empty()) {
    request.mutable_filter()->add_conversations(habits_.conversation);
  }
  const auto stream = stub->Subscribe(&context, request);
  v1::SubscribeResponse response;
  bool more = true;
  while (more) {
    if (habits_.before_read) habits_.before_read();
    if (!stream->Read(&response)) break;
    // Until a snapshot is whole its stream has no place to go on from.
    if (request.snapshot() && !got_.back().snapshot &&
        !TakeSnapshot(response.snapshot())) {
      continue;
    }
    const auto cursor = DecodeCursor(response.cursor());
    if (!cursor.ok()) break;
    more =
        Record(response.cursor(), cursor->seq, Recorded(response, cursor->seq));
  }
  context.TryCancel();
  stream->Finish();
}

void RecordingSubscriber::ReadHttpStream() {
  // HTTP has no way to wait for a gateway that is away; this call has.
  grpc::ClientContext context;
  Gateway::Authorize(&context);
  v1::ListEventsRequest nothing;
  v1::ListEventsResponse ignored;
  gateway_.NewStub()->ListEvents(&context, nothing, &ignored);
  httplib::Client http(absl::StrCat("http://", gateway_.http_address()));
  http.set_bearer_token_auth(kCallerToken);
  http.set_read_timeout(45);  // A stream is silent for 15 seconds at most.
  std::string path = "/v1/stream?start=earliest";
  if (!habits_.conversation.empty()) {
    absl::StrAppend(&path, "&conversations=", habits_.conversation);
  }
  httplib::Headers headers;
  if (!cursor_.empty()) headers.emplace("Last-Event-ID", cursor_);
  std::string buffer;
  http.Get(path, headers, [&](const char* bytes, size_t size) {
    buffer.append(bytes, size);
    size_t end = 0;
    while ((end = buffer.find("\n\n")) != std::string::npos) {
      const SseRecord record = ParseRecord(buffer.substr(0, end + 1));
      buffer.erase(0, end + 2);
      const auto cursor = DecodeCursor(record.cursor);
      if (!cursor.ok() ||
          !Record(record.cursor, cursor->seq, Recorded(record, cursor->seq))) {
        return false;
      }
    }
    return true;
  });
}

}  // namespace chatgate::robustness
