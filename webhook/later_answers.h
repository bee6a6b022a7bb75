#ifndef CHATGATE_WEBHOOK_LATER_ANSWERS_H_
#define CHATGATE_WEBHOOK_LATER_ANSWERS_H_

#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "server/base/mutex.h"
#include "webhook/answer_text.h"
#include "webhook/byte_stream.h"
#include "webhook/connection_threads.h"
#include "webhook/http_message.h"

namespace chatgate {

// An answer that a connection is owed, until it is written: by the thread of
// LaterAnswers, or, where it comes too late, by the connection's own.
//
// Threads: Settle from the connection's own.
class OwedAnswer {
 public:
  using OnAnswer = std::function<void(int status)>;

  OwedAnswer(OpenConnection& connection, const LaterAnswer& later,
             const AnswerForm& form, OnAnswer on_answer)
      : connection_(connection),
        deadline_(DeadlineIn(later.time_max)),
        too_late_(later.too_late),
        form_(form),
        on_answer_(std::move(on_answer)) {}

  // When it is too late.
  Deadline deadline() const { return deadline_; }

  // Writes what `make` makes, unless it is too late. Never blocks: who has let
  // so many answers lie that not one more fits is cut off.
  void Write(const LaterAnswer::Make& make) ABSL_LOCKS_EXCLUDED(mu_);

  // Returns once it is written. False where it could not be.
  bool Settle() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  enum State { kOwed, kBeingWritten, kWritten, kLost };

  bool Send(const HttpResponse& response) const;

  // Outlives Settle; not used after it.
  OpenConnection& connection_;
  const Deadline deadline_;
  const LaterAnswer::Make too_late_;
  const AnswerForm form_;
  const OnAnswer on_answer_;

  Mutex mu_;
  CondVar changed_;
  State state_ ABSL_GUARDED_BY(mu_) = kOwed;
};

// Writes the answers that are made later, of all connections, on one thread:
// who makes them, such as the log's writer, has others waiting, and to wake a
// thread for each costs more than to write it.
//
// Threads:  any.
// Lifetime: the connections end before. Who gives an answer later than that is
//           not heard.
class LaterAnswers {
 public:
  LaterAnswers();
  ~LaterAnswers();

  // Begins `later` for a connection, whose idle time begins once it is written.
  // Settle it before anything else is written, and before the connection ends.
  std::shared_ptr<OwedAnswer> Begin(const LaterAnswer& later,
                                    OpenConnection& connection,
                                    const AnswerForm& form,
                                    OwedAnswer::OnAnswer on_answer);

 private:
  // What was given, until it is written. At most one for each that was begun.
  class Given;

  const std::shared_ptr<Given> given_;
  std::thread thread_;
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_LATER_ANSWERS_H_
