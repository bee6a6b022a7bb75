#include "client/responder/answer_queue.h"

#include <map>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/fake_waiter.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

AnswerJob JobIn(uint64_t conversation) {
  AnswerJob job;
  job.event.set_app_id(777);
  job.event.mutable_dashly_conversation()
      ->mutable_conversation()
      ->set_conversation(conversation);
  return job;
}

std::vector<AnswerJob> JobsIn(std::initializer_list<uint64_t> conversations) {
  std::vector<AnswerJob> jobs;
  for (const uint64_t conversation : conversations) {
    jobs.push_back(JobIn(conversation));
  }
  return jobs;
}

// Work that is put off, or under way, until the test says otherwise.
class AnswerQueueTest : public ::testing::Test {
 protected:
  void Open(int in_flight_max) {
    options_.in_flight_max = in_flight_max;
    options_.waiter = &waiter_;
    queue_ = std::make_unique<AnswerQueue>(
        options_, [this](AnswerJob& job) { return Work(job); });
  }
  ~AnswerQueueTest() override {
    Release();
    queue_.reset();
  }

  void PutOff(uint64_t conversation, int times) {
    MutexLock lock(mu_);
    put_off_[conversation] = times;
  }
  // Second and later attempts last until Release.
  void HoldSecondAttempts() {
    MutexLock lock(mu_);
    holding_ = true;
  }
  void Release() {
    MutexLock lock(mu_);
    holding_ = false;
    changed_.SignalAll();
  }
  void AwaitHeld(int count) {
    MutexLock lock(mu_);
    while (held_ < count) changed_.Wait(mu_);
  }
  int held() {
    MutexLock lock(mu_);
    return held_;
  }
  void AwaitDone(int count) {
    MutexLock lock(mu_);
    while (done_ < count) changed_.Wait(mu_);
  }

  AnswerQueueOptions options_;
  FakeWaiter waiter_;
  std::unique_ptr<AnswerQueue> queue_;

 private:
  AnswerQueue::Outcome Work(AnswerJob& job) {
    MutexLock lock(mu_);
    if (++job.failures > 1) {
      ++held_;
      changed_.SignalAll();
      while (holding_) changed_.Wait(mu_);
    }
    int& put_off = put_off_[AnswerQueue::ConversationOf(job.event).second];
    if (put_off > 0) {
      --put_off;
      return absl::Seconds(1);
    }
    ++done_;
    changed_.SignalAll();
    return std::nullopt;
  }

  Mutex mu_;
  CondVar changed_;
  std::map<uint64_t, int> put_off_ ABSL_GUARDED_BY(mu_);
  bool holding_ ABSL_GUARDED_BY(mu_) = false;
  int held_ ABSL_GUARDED_BY(mu_) = 0;
  int done_ ABSL_GUARDED_BY(mu_) = 0;
};

TEST_F(AnswerQueueTest, TheCursorIsThatOfWhatIsDoneWithoutAGap) {
  HoldSecondAttempts();
  Open(2);
  EXPECT_EQ(queue_->DoneCursor(), "");
  queue_->Add({}, "first");
  EXPECT_EQ(queue_->DoneCursor(), "first");
  PutOff(1, 1);
  queue_->Add(JobsIn({1, 2}), "second");
  ASSERT_THAT(queue_->WaitUntilFree(), IsOk());
  queue_->Add(JobsIn({3}), "third");
  queue_->Add({}, "fourth");
  ASSERT_THAT(queue_->WaitUntilFree(), IsOk());
  EXPECT_EQ(queue_->DoneCursor(), "first");
  EXPECT_EQ(queue_->jobs(), 1);
  EXPECT_TRUE(queue_->Has({777, 1}));
  EXPECT_FALSE(queue_->Has({777, 2}));
  Release();
  AwaitDone(3);
  queue_->Finish();
  EXPECT_EQ(queue_->DoneCursor(), "fourth");
  EXPECT_EQ(queue_->jobs(), 0);
}

// Platforms that hang until the deadline must leave threads to the others.
TEST_F(AnswerQueueTest, WhatWasPutOffTakesHalfOfTheThreads) {
  HoldSecondAttempts();
  Open(4);
  for (const uint64_t conversation : {1, 2, 3, 4, 5}) PutOff(conversation, 1);
  queue_->Add(JobsIn({1, 2, 3, 4, 5}), "first");
  ASSERT_THAT(queue_->WaitUntilFree(), IsOk());
  AwaitHeld(2);
  queue_->Add(JobsIn({6, 7, 8, 9}), "second");
  ASSERT_THAT(queue_->WaitUntilFree(), IsOk());
  EXPECT_EQ(held(), 2);
  Release();
  AwaitDone(9);
}

TEST_F(AnswerQueueTest, AnErrorEndsItAndNothingElseIsBegun) {
  AnswerQueueOptions options;
  options.in_flight_max = 1;
  int calls = 0;
  AnswerQueue queue(options, [&](AnswerJob&) -> AnswerQueue::Outcome {
    ++calls;
    return absl::UnauthenticatedError("no");
  });
  queue.Add(JobsIn({1, 2, 3}), "first");
  EXPECT_THAT(queue.WaitUntilFree(),
              StatusIs(absl::StatusCode::kUnauthenticated));
  queue.Finish();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(queue.DoneCursor(), "");
}

TEST_F(AnswerQueueTest, StopIsNoError) {
  waiter_.HoldBackoffs();
  Open(1);
  PutOff(1, 1);
  queue_->Add(JobsIn({1}), "first");
  waiter_.AwaitBackoff();
  queue_->Stop();
  EXPECT_THAT(queue_->WaitUntilFree(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(queue_->DoneCursor(), "");
}

}  // namespace
}  // namespace chatgate
