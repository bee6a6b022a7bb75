#include <string>
#include <vector>

#include "chatgate/v1/records.pb.h"
#include "tests/platform/platform_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message))
      << text;
  return message;
}

class RecordsTest : public PlatformTest {
 protected:
  // Every record, page by page.
  std::vector<v1::Record> Export(int page_size = 0, uint64_t app = kApp) {
    std::vector<v1::Record> records;
    v1::ExportRecordsRequest request;
    request.set_page_size(page_size);
    pages_ = 0;
    do {
      const auto page = Ask<v1::ExportRecordsResponse>(request, app);
      EXPECT_THAT(page.status(), IsOk());
      if (!page.ok()) return records;
      records.insert(records.end(), page->records().begin(),
                     page->records().end());
      versions_.push_back(page->version());
      request.set_page_token(page->next_page_token());
      ++pages_;
    } while (!request.page_token().empty());
    return records;
  }

  absl::StatusOr<v1::ImportRecordsResponse> Import(
      const std::vector<v1::Record>& records, uint64_t app = kApp) {
    v1::ImportRecordsRequest request;
    for (const v1::Record& record : records) *request.add_records() = record;
    return Ask<v1::ImportRecordsResponse>(request, app);
  }
  absl::StatusOr<v1::ImportRecordsResponse> Import(const std::string& text) {
    return Import(std::vector<v1::Record>{Parse<v1::Record>(text)});
  }

  // A little of everything that an app can hold.
  void Fill() {
    const uint64_t first = StartConversation("hello");
    EXPECT_THAT(Reply(first, "good day"), IsOk());
    EXPECT_THAT(Reply(first, "a note", "type: \"note\""), IsOk());
    Assign(first, 111);
    v1::TagConversationRequest tag;
    tag.set_conversation_id(first);
    tag.set_tag("vip");
    tag.set_action("add");
    EXPECT_THAT(Ask<v1::TagConversationResponse>(tag).status(), IsOk());
    v1::MarkConversationReadRequest read;
    read.set_conversation_id(first);
    EXPECT_THAT(Ask<v1::MarkConversationReadResponse>(read).status(), IsOk());
    EXPECT_THAT(Reply(first, "unread by the lead"), IsOk());
    const uint64_t second = StartConversation("other", "someone else");
    v1::CloseConversationRequest close;
    close.set_conversation_id(second);
    EXPECT_THAT(Ask<v1::CloseConversationResponse>(close).status(), IsOk());
    EXPECT_THAT(Ask<v1::SetUserPropsResponse>(Parse<v1::SetUserPropsRequest>(R"(
                  user_id: "visitor" by_user_id: true
                  operations { op: "update_or_create" key: "$name"
                               value { string_value: "Ann" } }
                  operations { op: "update_or_create" key: "visits"
                               value { number_value: 0.1 } })"))
                    .status(),
                IsOk());
    EXPECT_THAT(
        Ask<v1::TrackUserEventResponse>(Parse<v1::TrackUserEventRequest>(R"(
          user_id: "visitor" by_user_id: true event: "order" created: 1700000000
          params { fields { key: "sum" value { number_value: 1234.5 } } })"))
            .status(),
        IsOk());
    EXPECT_THAT(Webhook(R"(id: 71 conversation: 64558819 created: 1500000000
                           direction: "u2a" type: "reply_user" body: "adopted"
                           sender { user_id: 18446744073709551615 })")
                    .status(),
                IsOk());
  }

  // A platform that nothing has happened on yet.
  void StartAnew() {
    platform_.reset();
    log_.reset();
    store_.reset();
    for (const char* file : {"", "-wal", "-shm"}) {
      std::remove(dir_.File(std::string("chatgate.db") + file).c_str());
    }
    Reopen();
    ASSERT_THAT(Export(), IsEmpty());
  }

  static std::string Text(const std::vector<v1::Record>& records) {
    std::string text;
    for (const v1::Record& record : records) text += record.DebugString();
    return text;
  }

  std::vector<std::string> versions_;
  int pages_ = 0;
};

TEST_F(RecordsTest, NothingIsLostOnTheWayRound) {
  Fill();
  const std::vector<v1::Record> records = Export();
  const std::vector<uint64_t> list = List();
  std::vector<std::string> seen;
  for (const uint64_t id : list) {
    seen.push_back(Conversation(id).DebugString());
    for (const auto& part : Parts(id)) seen.push_back(part.DebugString());
  }
  StartAnew();
  ASSERT_OK_AND_ASSIGN(const v1::ImportRecordsResponse response,
                       Import(records));
  EXPECT_EQ(response.imported(), static_cast<int64_t>(records.size()));
  EXPECT_EQ(Text(Export()), Text(records));
  EXPECT_EQ(List(), list);
  std::vector<std::string> seen_again;
  for (const uint64_t id : List()) {
    seen_again.push_back(Conversation(id).DebugString());
    for (const auto& part : Parts(id)) seen_again.push_back(part.DebugString());
  }
  EXPECT_EQ(seen_again, seen);
}

TEST_F(RecordsTest, ImportMakesNoEvents) {
  Fill();
  const std::vector<v1::Record> records = Export();
  StartAnew();
  ASSERT_THAT(Import(records).status(), IsOk());
  EXPECT_THAT(Events(), IsEmpty());
}

TEST_F(RecordsTest, RepeatedImportChangesNothing) {
  Fill();
  const std::vector<v1::Record> records = Export();
  ASSERT_OK_AND_ASSIGN(const v1::ImportRecordsResponse response,
                       Import(records));
  EXPECT_EQ(response.imported(), 0);
  EXPECT_EQ(response.existing(), static_cast<int64_t>(records.size()));
  EXPECT_EQ(Text(Export()), Text(records));
}

TEST_F(RecordsTest, NewIdsAreBeyondTheImportedOnes) {
  Fill();
  const std::vector<v1::Record> records = Export();
  uint64_t highest = 0;
  for (const v1::Record& record : records) {
    if (record.part().part().id() < uint64_t{1} << 53) {
      highest = std::max(highest, record.part().part().id());
    }
  }
  StartAnew();
  ASSERT_THAT(Import(records).status(), IsOk());
  EXPECT_GT(StartConversation("after the move"), highest);
}

TEST_F(RecordsTest, PagesHoldEveryRecordOnce) {
  Fill();
  const std::string whole = Text(Export());
  EXPECT_EQ(pages_, 1);
  EXPECT_EQ(Text(Export(1)), whole);
  EXPECT_GT(pages_, 10);
  EXPECT_EQ(versions_.front(), versions_.back());
}

TEST_F(RecordsTest, PagesAreBoundInBytes) {
  limits_.page_bytes_max = 300;
  Reopen();
  Fill();
  Export();
  EXPECT_GT(pages_, 3);
}

TEST_F(RecordsTest, PagesAreBoundInRowsOfOtherApps) {
  limits_.rows_examined_max = 2;
  Reopen();
  Fill();
  EXPECT_THAT(Export(0, kOtherApp), IsEmpty());
  EXPECT_GT(pages_, 3);
}

TEST_F(RecordsTest, VersionTellsThatSomethingHappenedMeanwhile) {
  Fill();
  Export();
  StartConversation("meanwhile", "new visitor");
  Export();
  EXPECT_THAT(versions_, SizeIs(2));
  EXPECT_NE(versions_[0], versions_[1]);
}

TEST_F(RecordsTest, AllOfABatchIsAddedOrNothing) {
  EXPECT_THAT(
      Import({Parse<v1::Record>("user { id: 5 create_time { seconds: 1 } }"),
              Parse<v1::Record>("part { part { id: 6 conversation: 7 } }")})
          .status(),
      FailsAs("LookupError"));
  EXPECT_THAT(Export(), IsEmpty());
}

TEST_F(RecordsTest, WrongRecordsAreRefusedByField) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "records[0]"},
      {"user {}", "records[0].user.id"},
      {"user { id: 1 }", "records[0].user.create_time"},
      {"user { id: 1 create_time { seconds: -1 } }",
       "records[0].user.create_time"},
      {"user { id: 1 create_time {} signal_time { seconds: 253402300800 } }",
       "records[0].user.signal_time"},
      {"user { id: 1 create_time {} presence: 3 }", "records[0].user.presence"},
      {"user { id: 1 create_time {} site_id: \"\" }",
       "records[0].user.site_id"},
      {"user { id: 1 create_time {} props { key: \"\" value {} } }",
       "records[0].user.props"},
      {"conversation {}", "records[0].conversation.conversation.id"},
      {"conversation { conversation { id: 1 } }",
       "records[0].conversation.last_update_time"},
      {"part {}", "records[0].part.part.id"},
      {"user_event {}", "records[0].user_event.event.id"},
      {"user_event { event { id: 1 } }",
       "records[0].user_event.event.type.name"},
      {"user_event { event { id: 1 type { name: \"a\" } created: -1 } }",
       "records[0].user_event.event.created"},
  };
  EXPECT_THAT(
      Import("user_event { event { id: 1 type { name: \"a\" } created: -1 } }"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("at most 253402300799")));
  for (const auto& [text, field] : wrong) {
    const absl::Status status = Import(text).status();
    EXPECT_THAT(status, FailsAs("ValidationError")) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(field)) << text;
  }
  EXPECT_THAT(Export(), IsEmpty());
}

TEST_F(RecordsTest, ASiteIdBelongsToOneUser) {
  ASSERT_THAT(Import("user { id: 1 create_time {} site_id: \"ann\" }").status(),
              IsOk());
  EXPECT_THAT(Import("user { id: 2 create_time {} site_id: \"ann\" }").status(),
              FailsAs("ValidationError"));
}

// Every embedded platform counts its ids from the same number.
TEST_F(RecordsTest, OtherRecordsOfTheSameIdsAreRefused) {
  Fill();
  const std::vector<v1::Record> records = Export();
  StartAnew();
  clock_.AdvanceTime(absl::Seconds(5));
  StartConversation("somebody else", "another visitor");
  const std::string before = Text(Export());
  EXPECT_THAT(Import(records).status(), FailsAs("ValidationError"));
  EXPECT_EQ(Text(Export()), before);
  // Each kind on its own.
  for (const v1::Record& record : Export()) {
    v1::Record other = record;
    if (other.has_user()) {
      other.mutable_user()->mutable_create_time()->set_seconds(1);
    } else if (other.has_conversation()) {
      other.mutable_conversation()->mutable_conversation()->set_created(1);
    } else {
      continue;
    }
    EXPECT_THAT(Import({other}).status(), FailsAs("ValidationError"));
  }
}

TEST_F(RecordsTest, WhatComesDuringAnExportIsNotReferredTo) {
  Fill();
  v1::ExportRecordsRequest request;
  request.set_page_size(1);
  std::vector<v1::Record> records;
  int page = 0;
  do {
    ASSERT_OK_AND_ASSIGN(const auto answer,
                         Ask<v1::ExportRecordsResponse>(request));
    records.insert(records.end(), answer.records().begin(),
                   answer.records().end());
    request.set_page_token(answer.next_page_token());
    StartConversation("meanwhile", "visitor " + std::to_string(++page));
  } while (!request.page_token().empty());
  StartAnew();
  ASSERT_OK_AND_ASSIGN(const auto imported, Import(records));
  EXPECT_EQ(imported.imported(), static_cast<int64_t>(records.size()));
}

// A part whose time is in milliseconds, as no platform tells it.
TEST_F(RecordsTest, TimesThatCannotBeDoNotHinderAnExport) {
  ASSERT_THAT(Webhook(R"(id: 71 conversation: 9 created: 1492604036000
                         direction: "u2a" type: "reply_user" body: "x"
                         sender { user_id: 5 })")
                  .status(),
              IsOk());
  const std::vector<v1::Record> records = Export();
  StartAnew();
  EXPECT_THAT(Import(records).status(), IsOk());
}

TEST_F(RecordsTest, RefusesMoreThanAThousand) {
  const std::vector<v1::Record> many(
      1001, Parse<v1::Record>("user { id: 5 create_time { seconds: 1 } }"));
  EXPECT_THAT(Import(many).status(), FailsAs("ValidationError"));
}

TEST_F(RecordsTest, RefusesAPageTokenThatIsNoneOfItsOwn) {
  for (const char* token :
       {"x", "1", "1.0", "4.0.1.1.1.1", "-1.0.1.1.1.1", "0.-1.1.1.1.1",
        "0.0.1.1.1", "0.0.1.1.1.-1", "0.0.1.1.1.1.1"}) {
    v1::ExportRecordsRequest request;
    request.set_page_token(token);
    EXPECT_THAT(Ask<v1::ExportRecordsResponse>(request).status(),
                FailsAs("ValidationError"))
        << token;
  }
}

}  // namespace
}  // namespace chatgate
