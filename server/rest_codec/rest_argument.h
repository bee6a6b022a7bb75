#ifndef CHATGATE_SERVER_REST_CODEC_REST_ARGUMENT_H_
#define CHATGATE_SERVER_REST_CODEC_REST_ARGUMENT_H_

#include <cstddef>
#include <string>
#include <vector>

namespace chatgate {

// One argument of a call, wherever it stood.
struct RestArgument {
  std::string name;
  // Text; of a JSON body a string's content, a number or a boolean as written.
  std::string value;
  // `value` is the JSON text of an array or object that stood bare in a body.
  bool native = false;
};

// In the order of their places. Of several with one name the last counts; of a
// list of words all do.
using RestArguments = std::vector<RestArgument>;

// A call with more is refused.
inline constexpr size_t kRestArgumentsMax = 1000;

// Arrays and objects inside each other, in one argument. protobuf reads no
// Struct back that is nested deeper than about 30.
inline constexpr int kArgumentDepthMax = 20;

}  // namespace chatgate

#endif  // CHATGATE_SERVER_REST_CODEC_REST_ARGUMENT_H_
