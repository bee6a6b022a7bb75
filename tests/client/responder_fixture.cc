#include "tests/client/responder_fixture.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace chatgate {

v1::RuleFile Greeting(int actions) {
  v1::RuleFile file;
  file.set_bot_name("Robo");
  v1::Rule& rule = *file.add_rules();
  rule.set_id("greeting");
  rule.mutable_match()->add_phrases("Hello, how are you");
  for (int i = 0; i < actions; ++i) {
    rule.add_actions()->mutable_reply()->set_body(
        i == 0 ? "Hey, great!" : absl::StrCat("And ", i));
  }
  return file;
}

v1::Event HumanAnswer(v1::Event event) {
  v1::ConversationPart& part =
      *event.mutable_dashly_conversation()->mutable_conversation();
  part.set_direction("a2u");
  part.set_type("reply_admin");
  part.mutable_sender()->mutable_admin()->set_id(111);
  part.mutable_sender()->mutable_admin()->set_type("admin");
  return event;
}

void ResponderTest::Start(const v1::RuleFile& file) {
  Begin(file);
  MutexLock lock(mu_);
  while (!ready_) changed_.Wait(mu_);
}

void ResponderTest::Begin(const v1::RuleFile& file) {
  auto rules = RuleSet::Compile(file);
  ASSERT_THAT(rules, IsOk());
  ResponderOptions options;
  options.cursor_file = cursor_file_;
  options.answers.clock = &clock_;
  options.answers.queue = queue_;
  options.answers.queue.waiter = &waiter_;
  options.stream.waiter = &waiter_;
  responder_ =
      std::make_unique<Responder>(*client_, *std::move(rules), options);
  {
    MutexLock lock(mu_);
    ready_ = false;
  }
  runner_ = std::thread([this] {
    end_ = responder_->Run([this] {
      MutexLock lock(mu_);
      ready_ = true;
      changed_.SignalAll();
    });
    MutexLock lock(mu_);
    ready_ = true;  // Or will never be.
    changed_.SignalAll();
  });
}

void ResponderTest::Stop() {
  if (responder_ == nullptr) return;
  responder_->Stop();
  Join();
}

void ResponderTest::Join() {
  runner_.join();
  counts_ = responder_->counts();
  responder_.reset();
}

v1::Event ResponderTest::Message(absl::string_view text) {
  v1::Event event;
  event.set_app_id(777);
  event.set_conversation("dashly:5");
  event.mutable_received_time()->set_seconds(absl::ToUnixSeconds(clock_.Now()));
  v1::ConversationPart& part =
      *event.mutable_dashly_conversation()->mutable_conversation();
  part.set_id(++last_part_);
  part.set_conversation(5);
  part.set_direction("u2a");
  part.set_type("reply_user");
  part.set_body(std::string(text));
  part.mutable_sender()->set_user_id(9);
  return event;
}

void ResponderTest::Settle() {
  const uint64_t conversation = 1'000 + service_.replies().size();
  v1::Event last = Hello();
  Part(last).set_conversation(conversation);
  service_.Publish(last);
  size_t seen = service_.replies().size();
  while (seen == 0 ||
         service_.replies()[seen - 1].conversation_id() != conversation) {
    ASSERT_TRUE(service_.AwaitReplies(++seen));
  }
}

std::vector<std::string> ResponderTest::Answers() {
  std::vector<std::string> bodies;
  for (const auto& reply : service_.replies()) {
    if (reply.conversation_id() == 5) bodies.push_back(reply.body());
  }
  return bodies;
}

std::set<std::string> ResponderTest::AnswerIds() {
  std::set<std::string> ids;
  for (const auto& reply : service_.replies()) {
    if (reply.conversation_id() == 5) ids.insert(reply.request_id());
  }
  return ids;
}

}  // namespace chatgate
