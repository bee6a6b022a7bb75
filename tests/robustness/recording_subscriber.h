#ifndef CHATGATE_TESTS_ROBUSTNESS_RECORDING_SUBSCRIBER_H_
#define CHATGATE_TESTS_ROBUSTNESS_RECORDING_SUBSCRIBER_H_

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/gateway.h"
#include "tests/robustness/history.h"

namespace chatgate::robustness {

// The event inside, as histories hold it: its text up to the padding.
Seen SeenOf(const v1::Event& event);

// Where a subscriber begins.
enum class Start {
  kEarliest,
  kTime,      // Half a second ago.
  kSnapshot,  // With the open conversations.
};

// What a subscriber is like.
struct Habits {
  std::string name;
  std::string conversation = {};   // Its filter; empty: everything.
  Start start = Start::kEarliest;  // Over gRPC only, where it is another.
  // After so many responses it forgets all and begins again, as another
  // subscriber of that name; 0: never.
  int life_max = 0;
  bool include_raw = false;
  int64_t batch_delay_ms = 0;
  // Ends its own stream after so many responses, to come again; 0: never.
  int responses_max = 0;
  bool over_http = false;  // By server-sent events instead of gRPC.
  // Called before each response is read; a slow reader waits in it.
  std::function<void()> before_read = {};
};

// One subscriber on a thread of its own: opens the next stream at the last
// cursor whenever one is lost, and records what it got. It ends once it has
// read up to the position that EndAt names.
class RecordingSubscriber {
 public:
  RecordingSubscriber(const Gateway& gateway, Habits habits);

  // Lets it end once it is at `head` or beyond. One that is there already waits
  // for a word of the gateway, or for its end.
  void EndAt(uint64_t head) { end_ = head; }
  // Waits until it is there, and returns everything, each life as a subscriber.
  // Once.
  std::vector<Subscriber> Finish();

 private:
  void Run();
  // One stream, until it is lost or the end is reached.
  void ReadStream();
  void ReadHttpStream();
  void BeginLife();
  void Begin();
  // What a stream asks for that has no cursor yet.
  void AskForStart(v1::SubscribeRequest* request);
  // Takes a piece of the snapshot; true once it is whole.
  bool TakeSnapshot(const v1::Snapshot& piece);
  // False once the stream has said enough.
  bool Record(const std::string& cursor, uint64_t position, Response response);

  const Gateway& gateway_;
  const Habits habits_;
  std::atomic<uint64_t> end_ = UINT64_MAX;
  uint64_t position_ = 0;
  std::string cursor_;
  int responses_ = 0;                     // Of the open stream.
  int life_responses_ = 0;                // Of all streams of this life.
  int64_t start_nanos_ = 0;               // That the open stream asked for.
  std::vector<ShownConversation> shown_;  // By the open stream.
  std::vector<Subscriber> got_;           // The last one is this life.
  std::thread thread_;  // Has everything above but end_ until it is joined.
};

}  // namespace chatgate::robustness

#endif  // CHATGATE_TESTS_ROBUSTNESS_RECORDING_SUBSCRIBER_H_
