#ifndef CHATGATE_CLIENT_CHATGATECTL_EVENT_LINE_H_
#define CHATGATE_CLIENT_CHATGATECTL_EVENT_LINE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "chatgate/v1/events.pb.h"

namespace chatgate {

// An event as one line for people: when it was received, where, who, what.
//
//   2017-04-19T12:13:56Z dashly:64558819 lead 85648207: ewfwfwef
//
// In colours where standard output shows them (terminal.h). A stranger wrote
// the text, so control characters are shown as escapes and cannot move the
// terminal's cursor; at most 1,000 bytes of it are shown.
std::string EventLine(const v1::Event& event);

// `text` without control characters: a line end is `\n`, others are `\xNN`.
std::string Printable(absl::string_view text);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_CHATGATECTL_EVENT_LINE_H_
