#ifndef CHATGATE_CLIENT_RESPONDER_RULE_WATCHER_H_
#define CHATGATE_CLIENT_RESPONDER_RULE_WATCHER_H_

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "absl/time/time.h"

namespace chatgate {

// Device, inode, size, and time of the last change; zeros while there is no
// file.
using FileLook = std::array<int64_t, 5>;
FileLook LookAtFile(const std::string& path);

// Calls `on_change`, from a thread of its own, when a file becomes another one
// (written, replaced, or another behind the same link), and whenever the
// program gets SIGHUP. Looks at the file once a second, which works on every
// file system. `known` is the look of the file that was read already, taken
// before reading it, so that no change since is missed:
//
//   const FileLook known = LookAtFile(path);
//   Read(path);
//   RuleWatcher watcher(path, known, [&] { Read(path); });
//
// Threads: make it in main's thread, after BlockHangup and before any thread
// that should not receive the signal; one at a time.
// Lifetime: what `on_change` uses outlives it. The destructor waits for a call
// that is under way.
class RuleWatcher {
 public:
  RuleWatcher(std::string path, const FileLook& known,
              std::function<void()> on_change,
              absl::Duration period = absl::Seconds(1));
  ~RuleWatcher();
  RuleWatcher(const RuleWatcher&) = delete;
  RuleWatcher& operator=(const RuleWatcher&) = delete;

 private:
  void Run();

  const std::string path_;
  const std::function<void()> on_change_;
  const absl::Duration period_;
  FileLook known_;  // Of the thread, once that runs.
  int wake_fd_;     // Ends the thread.
  int signal_fd_;   // Where SIGHUP arrives.
  std::thread thread_;
};

// Keeps SIGHUP from this thread and those it makes.
void BlockHangup();

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_RULE_WATCHER_H_
