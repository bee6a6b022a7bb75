#include "client/responder/rule_watcher.h"

#include "client/file.h"
#include "gtest/gtest.h"
#include "server/base/mutex.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

class RuleWatcherTest : public ::testing::Test {
 protected:
  void Count() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    ++changes_;
    changed_.SignalAll();
  }
  void AwaitChanges(int count) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (changes_ < count) changed_.Wait(mu_);
  }

  TempDir dir_;
  const std::string path_ = dir_.Write("rules", "old");

  Mutex mu_;
  CondVar changed_;
  int changes_ ABSL_GUARDED_BY(mu_) = 0;
};

TEST_F(RuleWatcherTest, ChangeBeforeItWatchesIsSeen) {
  const FileLook known = LookAtFile(path_);
  ASSERT_THAT(ReplaceFile(path_, "new text"), IsOk());
  RuleWatcher watcher(
      path_, known, [this] { Count(); }, absl::Milliseconds(1));
  AwaitChanges(1);
}

TEST_F(RuleWatcherTest, ChangeWhileItWatchesIsSeen) {
  RuleWatcher watcher(
      path_, LookAtFile(path_), [this] { Count(); }, absl::Milliseconds(1));
  ASSERT_THAT(ReplaceFile(path_, "new text"), IsOk());
  AwaitChanges(1);
  ASSERT_THAT(ReplaceFile(path_, "newer text"), IsOk());
  AwaitChanges(2);
}

TEST_F(RuleWatcherTest, FileThatIsNotThereHasNoLook) {
  EXPECT_EQ(LookAtFile(dir_.File("nothing")), FileLook{});
}

}  // namespace
}  // namespace chatgate
