#ifndef CHATGATE_TESTS_EVENT_LOG_EVENT_LOG_FIXTURE_H_
#define CHATGATE_TESTS_EVENT_LOG_EVENT_LOG_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chatgate/v1/chat_service.pb.h"
#include "server/base/mutex.h"
#include "server/event_log/sqlite_event_log.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {

// An event whose text is `body`.
inline NewEvent MakeEvent(const std::string& body) {
  NewEvent event;
  event.event.set_app_id(777);
  event.event.set_source(v1::EVENT_SOURCE_DASHLY);
  event.event.set_conversation("dashly:64558819");
  event.event.mutable_dashly_conversation()->mutable_conversation()->set_body(
      body);
  return event;
}

inline NewEvent MakeKeyed(const std::string& body, uint64_t id) {
  NewEvent event = MakeEvent(body);
  event.key = DedupeKey{.app_id = 777,
                        .source = v1::EVENT_SOURCE_DASHLY,
                        .kind = v1::EVENT_KIND_DASHLY_CONVERSATION,
                        .id = id};
  return event;
}

// Appends and waits.
inline absl::StatusOr<Appended> AppendTo(EventSink& sink, NewEvent event) {
  Mutex mu;
  CondVar finished;
  absl::StatusOr<Appended> result = absl::UnknownError("waiting");
  bool done = false;
  sink.Append(std::move(event), [&](absl::StatusOr<Appended> appended) {
    MutexLock lock(mu);
    result = std::move(appended);
    done = true;
    finished.Signal();
  });
  MutexLock lock(mu);
  while (!done) finished.Wait(mu);
  return result;
}

inline v1::Event Parse(const EventRecord& record) {
  v1::SubscribeResponse response;
  EXPECT_TRUE(response.ParseFromString(std::string(record.slice)));
  EXPECT_EQ(response.events_size(), 1);
  return response.events(0);
}

class EventLogFixture : public ::testing::Test {
 protected:
  EventLogFixture() { store_options_.path = dir_.File("test.db"); }
  ~EventLogFixture() override { log_.reset(); }

  void SetUp() override { Reopen(); }

  void Reopen() {
    log_.reset();
    store_.reset();
    ASSERT_OK_AND_ASSIGN(store_,
                         Store::Open(store_options_, {EventLogSchema()}));
    ASSERT_OK_AND_ASSIGN(log_,
                         SqliteEventLog::Open(*store_, clock_, log_options_));
  }

  absl::StatusOr<Appended> Append(NewEvent event) {
    return AppendTo(*log_, std::move(event));
  }
  absl::StatusOr<Appended> Append(const std::string& body) {
    return Append(MakeEvent(body));
  }

  // All events after `position`, read in batches.
  std::vector<v1::Event> ReadAll(uint64_t position = 0) {
    std::vector<v1::Event> events;
    while (true) {
      const absl::StatusOr<EventBatch> batch =
          log_->ReadAfter(position, 7, 1 << 20);
      EXPECT_THAT(batch, IsOk());
      if (!batch.ok() || batch->position == position) return events;
      for (const auto& record : batch->events) events.push_back(Parse(*record));
      position = batch->position;
    }
  }
  std::vector<std::string> Bodies(uint64_t position = 0) {
    std::vector<std::string> bodies;
    for (const v1::Event& event : ReadAll(position)) {
      bodies.push_back(event.dashly_conversation().conversation().body());
    }
    return bodies;
  }

  // As retention will.
  void DeleteUpTo(uint64_t seq) {
    ASSERT_THAT(store_->Write([seq](Transaction& transaction) {
      return transaction.connection().Execute(
          absl::StrCat("DELETE FROM event_log_events WHERE seq<=", seq,
                       ";UPDATE event_log_state SET trimmed_seq=", seq));
    }),
                IsOk());
  }

  TempDir dir_;
  FakeClock clock_;
  StoreOptions store_options_;
  SqliteEventLogOptions log_options_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<SqliteEventLog> log_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_EVENT_LOG_EVENT_LOG_FIXTURE_H_
