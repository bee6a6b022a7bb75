#ifndef CHATGATE_TESTS_BENCH_LARGE_PLATFORM_H_
#define CHATGATE_TESTS_BENCH_LARGE_PLATFORM_H_

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/event_log/sqlite_event_log.h"
#include "server/platform/embedded_platform.h"
#include "server/store/store.h"

namespace chatgate {

// The embedded platform with one app, an admin and a channel, on a store of its
// own.
class LargePlatform {
 public:
  // Ids of leads and conversations count up from here.
  static constexpr uint64_t kFirstId = 1'000'000;

  static absl::StatusOr<std::unique_ptr<LargePlatform>> Open(
      const std::string& path);
  ~LargePlatform();

  // Waits for the answer.
  absl::Status Call(const google::protobuf::Message& request,
                    google::protobuf::Message* response);

  // Imports so many leads, each with a conversation of so many parts. A third
  // of these is closed, half are the admin's, a fifth are in the channel, and
  // one of a thousand has the tag `rare`.
  absl::Status Fill(int conversations, int parts);

 private:
  std::unique_ptr<Store> store_;
  std::unique_ptr<EmbeddedPlatform> platform_;
  std::unique_ptr<SqliteEventLog> log_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_LARGE_PLATFORM_H_
