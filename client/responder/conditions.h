#ifndef CHATGATE_CLIENT_RESPONDER_CONDITIONS_H_
#define CHATGATE_CLIENT_RESPONDER_CONDITIONS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chatgate/v1/events.pb.h"
#include "chatgate/v1/rules.pb.h"

namespace chatgate {

// What is wrong with a rule's conditions; `field` is a path in Rule, such as
// `when.hours.open[1].from`.
struct ConditionProblem {
  std::string field;
  std::string reason;
};

// Empty where they are right. `zone` is the file's.
std::vector<ConditionProblem> CheckConditions(const v1::Conditions& conditions,
                                              absl::string_view zone);

// True where `name` is a time zone of this machine; empty is UTC.
bool LoadZone(absl::string_view name, absl::TimeZone* zone);

// What must hold of a message beside its text. Times of day are those at which
// the gateway received it, so that every responder decides alike, whenever it
// sees the message.
//
// Threads: any, at once; it never changes.
class ConditionSet {
 public:
  // `conditions` have no problems.
  ConditionSet(const v1::Conditions& conditions, absl::string_view zone);

  bool Hold(const v1::Event& event) const { return WhyNot(event).empty(); }
  // Which one does not, for people; empty where all do.
  std::string WhyNot(const v1::Event& event) const;

 private:
  struct Span {
    std::vector<bool> days;  // Monday first; empty: all.
    int from = 0, to = 0;    // Minutes of the day.
  };

  bool IsOpen(absl::Time time) const;

  v1::Conditions conditions_;
  absl::TimeZone zone_;
  std::vector<Span> spans_;
};

// False where no message can meet both: two rules with these conditions are
// never in each other's way.
bool MayBothHold(const v1::Conditions& a, const v1::Conditions& b);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_CONDITIONS_H_
