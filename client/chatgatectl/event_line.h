#ifndef CHATGATE_CLIENT_CHATGATECTL_EVENT_LINE_H_
#define CHATGATE_CLIENT_CHATGATECTL_EVENT_LINE_H_

#include <string>

#include "chatgate/v1/events.pb.h"

namespace chatgate {

// An event as one line for people: when it was received, where, who, what.
//
//   2017-04-19T12:13:56Z dashly:64558819 lead 85648207: ewfwfwef
//
// In colours where standard output shows them (terminal.h). A stranger wrote
// the text, so it is shown as Printable says (printable.h).
std::string EventLine(const v1::Event& event);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_CHATGATECTL_EVENT_LINE_H_
