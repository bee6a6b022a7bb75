#ifndef CHATGATE_CLIENT_RESPONDER_RESPONDER_H_
#define CHATGATE_CLIENT_RESPONDER_RESPONDER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "client/chat_client.h"
#include "client/responder/answerer.h"
#include "client/responder/rule_set.h"
#include "client/subscription.h"

namespace chatgate {

struct ResponderOptions {
  // Where the position is kept; empty: nowhere, and each start is a first one.
  std::string cursor_file = {};
  AnswererOptions answers = {};
  // Of the stream; `request` is the responder's own to fill.
  SubscriptionOptions stream = {};
};

// Responder reads the messages of leads and answers them by its rules.
//
//   Responder responder(*client, std::move(rules), options);
//   return responder.Run([] { std::cout << "ready" << std::endl; });
//
// Position: a first start begins with what happens from then on; a later one
// goes on from the cursor in `cursor_file`, before which every answer is done,
// also where later ones are. So some messages are seen again, and answered once
// all the same (Answerer). Such a start first reads what was said
// in the hour before, so that limits and silences go on too.
//
// Threads: one calls Run; the others may be called from any.
// Lifetime: the client outlives it.
class Responder {
 public:
  Responder(ChatClient& client, RuleSet rules, ResponderOptions options);

  // Works until Stop (OK) or a terminal error of the stream: a wrong token, a
  // cursor of another log. `on_ready` is called once, when the first response
  // is there. A cursor file that cannot be read is an error, as is one that
  // cannot be written at first; later that is logged.
  absl::Status Run(const std::function<void()>& on_ready)
      ABSL_LOCKS_EXCLUDED(mu_);

  // Makes Run return soon, also when it was not called yet.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);
  // See Answerer.
  void SetRules(RuleSet rules) ABSL_LOCKS_EXCLUDED(mu_) {
    answerer_.SetRules(std::move(rules));
  }
  AnswerCounts counts() const { return answerer_.counts(); }
  AnswerMetrics& metrics() { return answerer_.metrics(); }
  std::string MetricsText() { return answerer_.MetricsText(); }

 private:
  // Takes note of the last messages before `cursor`, once the gateway is there.
  void ReadBack(const std::string& cursor) ABSL_LOCKS_EXCLUDED(mu_);
  // Tries until it has the page; false where there is none to be had, or Stop
  // was called.
  bool ListPage(const v1::ListEventsRequest& request,
                v1::ListEventsResponse& page) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Process(const v1::SubscribeResponse& response);
  absl::Status SaveCursor(const std::string& cursor);

  ChatClient& client_;  // Outlives this.
  const ResponderOptions options_;
  Answerer answerer_;
  std::string saved_cursor_;  // Of the thread in Run.

  Mutex mu_;
  CondVar stopped_changed_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::shared_ptr<Subscription> subscription_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_RESPONDER_H_
