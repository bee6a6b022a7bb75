#ifndef CHATGATE_CLIENT_RESPONDER_REPLY_TEMPLATE_H_
#define CHATGATE_CLIENT_RESPONDER_REPLY_TEMPLATE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "chatgate/v1/events.pb.h"

namespace chatgate {

// What a rule's patterns have captured: by number and, where it has one, by
// name.
using Captures = std::map<std::string, std::string>;

// ReplyTemplate is an answer's text with places to fill in.
//
//   ReplyTemplate("{{{1}}} for {name|you}").Fill({{"1", "x"}}, event);
//   // "{x} for you"
//
// A place is `{1}` or `{name}` (captures) or `{event.field}`, with `|text` for
// where there is nothing to put in. `{{` and `}}` are braces; braces around
// anything else stand for themselves.
//
// A stranger wrote what is filled in: at most 1,000 bytes a place, without
// control characters; the whole text is cut at 64 KiB.
// Threads: any.
class ReplyTemplate {
 public:
  explicit ReplyTemplate(absl::string_view text);

  // Names of the captures that it needs; fields of the event that there are
  // not.
  std::vector<std::string> captures() const;
  std::vector<std::string> unknown_fields() const;

  std::string Fill(const Captures& captures, const v1::Event& event) const;

 private:
  // Plain text, and the place after it; the last one has none.
  struct Piece {
    std::string text;
    std::string name;
    std::string otherwise;
  };

  std::vector<Piece> pieces_;
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_REPLY_TEMPLATE_H_
