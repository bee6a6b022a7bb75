// Answers that are kept until something of the app changes: never another one
// than the database would give.
#include "server/platform/known_answers.h"

#include <atomic>
#include <cstdlib>
#include <future>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/platform/platform_fixture.h"

namespace chatgate {
namespace {

using ::google::protobuf::Message;
using ::google::protobuf::util::MessageDifferencer;
using platform::KnownAnswers;
using ::testing::IsNull;
using ::testing::NotNull;
using ::testing::Pointee;

constexpr absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class KnownAnswersTest : public PlatformTest {
 protected:
  void Keep(const std::string& question, const std::string& answer,
            absl::Time good_until = absl::InfiniteFuture()) {
    known_.Keep(known_.State(), question,
                std::make_shared<const std::string>(answer), kNow, good_until);
  }
  KnownAnswers::Answer Find(const std::string& question,
                            absl::Time now = kNow) {
    return known_.Find(question, now);
  }
  absl::Status Change(absl::Status result = absl::OkStatus()) {
    return store_->Write([&](Transaction& transaction) {
      known_.Change(transaction);
      return result;
    });
  }

  KnownAnswers known_{10'000};
};

TEST_F(KnownAnswersTest, WhatWasKeptIsFound) {
  EXPECT_THAT(Find("a"), IsNull());
  Keep("a", "1");
  Keep("b", "2");
  EXPECT_THAT(Find("a"), Pointee(std::string("1")));
  EXPECT_THAT(Find("b"), Pointee(std::string("2")));
}

TEST_F(KnownAnswersTest, AChangeForgetsEverything) {
  Keep("a", "1");
  EXPECT_THAT(Change(), IsOk());
  EXPECT_THAT(Find("a"), IsNull());
  Keep("a", "2");
  EXPECT_THAT(Find("a"), Pointee(std::string("2")));
}

TEST_F(KnownAnswersTest, AChangeThatWasUndoneEnds) {
  EXPECT_THAT(Change(absl::AbortedError("no")),
              StatusIs(absl::StatusCode::kAborted));
  Keep("a", "1");
  EXPECT_THAT(Find("a"), NotNull());
}

TEST_F(KnownAnswersTest, NothingIsFoundOrKeptWhileAChangeIsUnderWay) {
  Keep("a", "1");
  EXPECT_THAT(store_->Write([&](Transaction& transaction) {
    known_.Change(transaction);
    EXPECT_THAT(Find("a"), IsNull());
    EXPECT_EQ(known_.State(), 0u);
    Keep("a", "2");
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_THAT(Find("a"), IsNull());
}

// Two works of one group: the first one's end is not the end.
TEST_F(KnownAnswersTest, NothingIsFoundUntilTheLastChangeEnds) {
  EXPECT_THAT(store_->Write([&](Transaction& transaction) {
    transaction.OnCommit([&] { EXPECT_EQ(known_.State(), 0u); });
    known_.Change(transaction);
    transaction.OnCommit([&] { EXPECT_EQ(known_.State(), 0u); });
    known_.Change(transaction);
    transaction.OnCommit([&] { EXPECT_NE(known_.State(), 0u); });
    return absl::OkStatus();
  }),
              IsOk());
}

TEST_F(KnownAnswersTest, WhatWasReadBeforeAChangeIsNotKeptAfterIt) {
  const uint64_t before = known_.State();
  EXPECT_THAT(Change(), IsOk());
  known_.Keep(before, "a", std::make_shared<const std::string>("old"), kNow,
              absl::InfiniteFuture());
  EXPECT_THAT(Find("a"), IsNull());
}

TEST_F(KnownAnswersTest, AnAnswerHasItsTime) {
  Keep("a", "1", kNow + absl::Seconds(2));
  EXPECT_THAT(Find("a", kNow + absl::Seconds(1)), NotNull());
  EXPECT_THAT(Find("a", kNow + absl::Seconds(2)), IsNull());
  EXPECT_THAT(Find("a", kNow - absl::Seconds(1)), IsNull());
}

TEST_F(KnownAnswersTest, WhatIsOverTheLimitIsNotKept) {
  Keep("a", std::string(5000, '1'));
  Keep("b", std::string(5000, '2'));
  EXPECT_THAT(Find("a"), NotNull());
  EXPECT_THAT(Find("b"), IsNull());
  Keep("a", "now it is short");
  Keep("b", std::string(5000, '2'));
  EXPECT_THAT(Find("b"), NotNull());
  EXPECT_THAT(Change(), IsOk());
  Keep("c", std::string(5000, '3'));
  EXPECT_THAT(Find("c"), NotNull());
}

// The platform beside one that keeps nothing, on the same tables.
class KnownAnswersOfThePlatformTest : public PlatformTest {
 protected:
  KnownAnswersOfThePlatformTest() {
    forgetful_ = std::make_unique<EmbeddedPlatform>(
        *store_, *log_, clock_,
        std::vector<v1::AppConfig>{
            FromText<v1::AppConfig>("id: 777 name: 'Demo' embedded {}")},
        PlatformLimits{.known_bytes_max = 0});
  }

  // Whether nobody had to read: the answer came on this thread.
  bool IsKnown(const Message& request, Message* response) {
    CallContext context;
    context.app_id = kApp;
    std::promise<std::thread::id> answered;
    platform_->Call(context, request, response, [&](const absl::Status&) {
      answered.set_value(std::this_thread::get_id());
    });
    return answered.get_future().get() == std::this_thread::get_id();
  }
  bool IsKnown(uint64_t conversation) {
    v1::GetConversationRequest request;
    request.set_conversation_id(conversation);
    v1::GetConversationResponse response;
    return IsKnown(request, &response);
  }

  std::unique_ptr<EmbeddedPlatform> forgetful_;
};

TEST_F(KnownAnswersOfThePlatformTest, TheSecondReadIsKnown) {
  const uint64_t id = StartConversation("hello");
  Conversation(id);
  EXPECT_TRUE(IsKnown(id));
  EXPECT_THAT(Reply(id, "hi"), IsOk());
  EXPECT_FALSE(IsKnown(id));
  EXPECT_EQ(Conversation(id).part_last().body(), "hi");
}

TEST_F(KnownAnswersOfThePlatformTest, AnAnswerMayBeTakenAsBytes) {
  const uint64_t id = StartConversation("hello");
  v1::GetConversationRequest request;
  request.set_conversation_id(id);
  for (const bool known : {false, true}) {
    SCOPED_TRACE(known);
    std::shared_ptr<const std::string> bytes;
    CallContext context;
    context.app_id = kApp;
    context.answer_bytes = &bytes;
    v1::GetConversationResponse response;
    std::promise<absl::Status> answered;
    platform_->Call(context, request, &response, [&](absl::Status status) {
      answered.set_value(std::move(status));
    });
    ASSERT_THAT(answered.get_future().get(), IsOk());
    ASSERT_THAT(bytes, NotNull());
    ASSERT_TRUE(response.ParseFromString(*bytes));
    EXPECT_EQ(response.conversation().id(), id);
  }
}

TEST_F(KnownAnswersOfThePlatformTest, AnErrorIsNotKept) {
  EXPECT_FALSE(IsKnown(4711));
  EXPECT_FALSE(IsKnown(4711));
}

TEST_F(KnownAnswersOfThePlatformTest, AnotherAppsChangesDoNotCount) {
  const uint64_t id = StartConversation("hello");
  Conversation(id);
  v1::StartConversationRequest request;
  request.set_user_id("x");
  request.set_by_user_id(true);
  request.set_body("in another app");
  EXPECT_THAT(Ask<v1::StartConversationResponse>(request, kOtherApp), IsOk());
  EXPECT_TRUE(IsKnown(id));
}

TEST_F(KnownAnswersOfThePlatformTest, PresenceEndsByItself) {
  const uint64_t id = StartConversation("hello");
  v1::SetUserPresenceRequest presence;
  presence.set_user_id(absl::StrCat(Conversation(id).user().id()));
  presence.set_presence("online");
  ASSERT_THAT(Ask<v1::SetUserPresenceResponse>(presence), IsOk());
  EXPECT_EQ(Conversation(id).user().presence(), "online");
  clock_.AdvanceTime(absl::Seconds(119));
  EXPECT_TRUE(IsKnown(id));
  clock_.AdvanceTime(absl::Seconds(2));
  EXPECT_FALSE(IsKnown(id));
  EXPECT_EQ(Conversation(id).user().presence(), "offline");
}

// Whoever was told that a change is done reads it, whatever others read at that
// moment; and nobody's answers go back.
TEST_F(KnownAnswersOfThePlatformTest, NobodyReadsThePast) {
  const uint64_t id = StartConversation("0");
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      int last = 0;
      while (!done) {
        const int now = std::atoi(Conversation(id).part_last().body().c_str());
        EXPECT_GE(now, last);
        last = now;
      }
    });
  }
  for (int i = 1; i <= 300; ++i) {
    ASSERT_THAT(Reply(id, absl::StrCat(i)), IsOk());
    ASSERT_EQ(Conversation(id).part_last().body(), absl::StrCat(i));
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
}

// Whatever is done, known and read answers are the same.
class KnownAnswersStoryTest : public KnownAnswersOfThePlatformTest {
 protected:
  KnownAnswersStoryTest() : seed_(std::random_device()()), random_(seed_) {
    if (const char* given = std::getenv("CHATGATE_TEST_SEED")) {
      seed_ = static_cast<unsigned>(std::strtoul(given, nullptr, 10));
      random_.seed(seed_);
    }
    std::cout << "CHATGATE_TEST_SEED=" << seed_ << std::endl;
  }

  unsigned Random(unsigned below) { return random_() % below; }
  std::string Site() { return absl::StrCat("site-", Random(4)); }
  std::string AConversation() {
    return absl::StrCat("conversation_id: ",
                        conversations_[Random(conversations_.size())]);
  }

  uint64_t UserId() {
    return Conversation(conversations_[Random(conversations_.size())])
        .user()
        .id();
  }

  template <typename Request, typename Response>
  void Do(const std::string& arguments) {
    Response response;
    // Some are refused: that, too, must leave known answers right.
    Call(FromText<Request>(arguments), &response).IgnoreError();
  }

  void DoSomething() {
    const std::string user =
        absl::StrCat(" user_id: '", Site(), "' by_user_id: true ");
    switch (Random(14)) {
      case 0:
        conversations_.push_back(StartConversation("more", Site()));
        return;
      case 1:
        return Do<v1::ReplyToConversationRequest,
                  v1::ReplyToConversationResponse>(
            absl::StrCat(AConversation(), " body: 'from us'"));
      case 2:
        return Do<v1::ReplyToConversationRequest,
                  v1::ReplyToConversationResponse>(absl::StrCat(
            AConversation(), " body: 'from them' type: 'reply_user'"));
      case 3:
        return Do<v1::MarkConversationReadRequest,
                  v1::MarkConversationReadResponse>(AConversation());
      case 4:
        return Do<v1::SetTypingRequest, v1::SetTypingResponse>(
            absl::StrCat(AConversation(), " body: 'hm'"));
      case 5:
        return Do<v1::AssignConversationRequest,
                  v1::AssignConversationResponse>(
            absl::StrCat(AConversation(), " admin: 222"));
      case 6:
        return Do<v1::TagConversationRequest, v1::TagConversationResponse>(
            absl::StrCat(AConversation(), " action: '",
                         Random(2) == 0 ? "add" : "delete", "' tag: 't'"));
      case 7:
        return Do<v1::CloseConversationRequest, v1::CloseConversationResponse>(
            AConversation());
      case 8:
        return Do<v1::SetUserPropsRequest, v1::SetUserPropsResponse>(
            absl::StrCat(user, "operations { op: 'update_or_create' key: '",
                         Random(2) == 0 ? "$name" : "color",
                         "' value { string_value: '", Random(100), "' } }"));
      case 9:
        return Do<v1::SetUserPresenceRequest, v1::SetUserPresenceResponse>(
            absl::StrCat("user_id: '", UserId(), "' presence: '",
                         Random(2) == 0 ? "online" : "offline", "'"));
      case 10:
        return Do<v1::TrackUserEventRequest, v1::TrackUserEventResponse>(
            absl::StrCat(user, "event: 'bought'"));
      case 11:
        return Do<v1::SendMessageRequest, v1::SendMessageResponse>(absl::StrCat(
            "user_id: '", UserId(), "' body: 'news' type: 'popup_chat'"));
      case 12: {
        const uint64_t id = 64'558'000 + Random(3);
        conversations_.push_back(id);
        EXPECT_THAT(Webhook(absl::StrCat(
                        "id: ", ++parts_, " conversation: ", id,
                        " created: 1700000000 body: 'told' type: 'reply_user'"
                        " direction: 'u2a' sender { user_id: 85648207 }")),
                    IsOk());
        return;
      }
      default:
        clock_.AdvanceTime(absl::Seconds(Random(150)));
    }
  }

  void Compare(const Message& request, Message* known, Message* read) {
    // The second answer may be a known one.
    for (int i = 0; i < 2; ++i) {
      const absl::Status status = Call(request, known);
      CallContext context;
      context.app_id = kApp;
      std::promise<absl::Status> answered;
      read->Clear();
      forgetful_->Call(context, request, read, [&](absl::Status status) {
        answered.set_value(std::move(status));
      });
      ASSERT_EQ(status, answered.get_future().get());
      if (!status.ok()) return;
      ASSERT_TRUE(MessageDifferencer::Equals(*known, *read))
          << "known:\n"
          << known->DebugString() << "read:\n"
          << read->DebugString();
      known->Clear();
    }
  }

  void CompareAll() {
    const uint64_t id = conversations_[Random(conversations_.size())];
    auto conversation = FromText<v1::GetConversationRequest>(
        absl::StrCat("conversation_id: ", id));
    v1::GetConversationResponse known, read;
    ASSERT_NO_FATAL_FAILURE(Compare(conversation, &known, &read));
    auto user = FromText<v1::GetUserRequest>(absl::StrCat(
        "user_id: '", Site(), "' by_user_id: true events: true",
        " presence_details: true props_events: true props_custom: true"));
    v1::GetUserResponse known_user, read_user;
    ASSERT_NO_FATAL_FAILURE(Compare(user, &known_user, &read_user));
  }

  unsigned seed_;
  std::minstd_rand random_;
  std::vector<uint64_t> conversations_;
  uint64_t parts_ = 78'000'000;
};

TEST_F(KnownAnswersStoryTest, KnownAnswersAreThoseOfTheDatabase) {
  for (int i = 0; i < 4; ++i) {
    conversations_.push_back(
        StartConversation("hello", absl::StrCat("site-", i)));
  }
  for (int step = 0; step < 400; ++step) {
    SCOPED_TRACE(absl::StrCat("step ", step, " of seed ", seed_));
    DoSomething();
    for (int i = 0; i < 4; ++i) ASSERT_NO_FATAL_FAILURE(CompareAll());
  }
}

}  // namespace
}  // namespace chatgate
