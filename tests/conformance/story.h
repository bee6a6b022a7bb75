#ifndef CHATGATE_TESTS_CONFORMANCE_STORY_H_
#define CHATGATE_TESTS_CONFORMANCE_STORY_H_

#include <functional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace chatgate {

// Calls a method in one of the forms that the API is spoken in. The status
// carries the name of the platform's error.
using CallOfAForm = std::function<absl::Status(
    const std::string& method, const google::protobuf::Message& request,
    google::protobuf::Message* response)>;

// The conformance table: one story of calls, each method at least once with an
// answer and once with an error, and what the Web API answers. Told to an app
// 777 that nothing has happened to, of a platform whose clock stands at its
// beginning and whose admins and channels are those of PlatformTest. Fails the
// test for each answer that differs.
void TellStory(const CallOfAForm& call);

// Names of the methods that the story calls.
std::set<std::string> MethodsOfTheStory();

}  // namespace chatgate

#endif  // CHATGATE_TESTS_CONFORMANCE_STORY_H_
