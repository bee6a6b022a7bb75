#include "tests/robustness/recording_subscriber.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/time/clock.h"
#include "server/event_log/cursor.h"

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

}  // namespace

Seen SeenOf(const v1::Event& event) {
  const std::string& body = event.dashly_conversation().conversation().body();
  return {event.seq(), body.substr(0, body.find(' ') + 1),
          event.conversation()};
}

RecordingSubscriber::RecordingSubscriber(const Gateway& gateway, Habits habits)
    : gateway_(gateway), habits_(std::move(habits)) {
  got_.name = habits_.name;
  got_.conversation = habits_.conversation;
  thread_ = std::thread([this] { Run(); });
}

Subscriber RecordingSubscriber::Finish(uint64_t head) {
  end_ = head;
  thread_.join();
  return std::move(got_);
}

void RecordingSubscriber::Run() {
  while (ReadStream()) {
  }
}

bool RecordingSubscriber::ReadStream() {
  const auto stub = gateway_.NewStub();
  grpc::ClientContext context;
  Gateway::Authorize(&context);
  // A stream without a word this long would never end the test by itself.
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Minutes(10)));
  v1::SubscribeRequest request;
  const bool anew = cursor_.empty();
  if (anew) got_.streams.clear();  // They said nothing.
  if (anew) {
    request.set_start(v1::START_EARLIEST);
  } else {
    request.set_cursor(cursor_);
  }
  request.set_include_raw(habits_.include_raw);
  request.mutable_batch_delay()->set_nanos(
      static_cast<int32_t>(habits_.batch_delay_ms * 1'000'000));
  if (!habits_.conversation.empty()) {
    request.mutable_filter()->add_conversations(habits_.conversation);
  }
  const auto stream = stub->Subscribe(&context, request);
  got_.streams.push_back({.after = position_, .responses = {}});
  v1::SubscribeResponse response;
  int responses = 0;
  while (position_ < end_) {
    if (habits_.before_read) habits_.before_read();
    if (!stream->Read(&response)) break;
    const auto cursor = DecodeCursor(response.cursor());
    if (!cursor.ok()) break;
    cursor_ = response.cursor();
    // The oldest event need not be the first there ever was.
    if (anew && responses == 0) {
      got_.streams.front().after = cursor->seq;
    }
    position_ = cursor->seq;
    got_.streams.back().responses.push_back(Recorded(response, position_));
    if (++responses == habits_.responses_max) break;
  }
  context.TryCancel();
  stream->Finish();
  return position_ < end_;
}

}  // namespace chatgate::robustness
