#ifndef CHATGATE_TESTS_JSON_RANDOM_MESSAGE_H_
#define CHATGATE_TESTS_JSON_RANDOM_MESSAGE_H_

#include <random>

#include "google/protobuf/message.h"

namespace chatgate {

// Fills `message` with any values that JSON can carry: every type of field,
// extremes among the numbers, every kind of character, unions with a member,
// unknown fields in the reader's own form.
void FillRandomly(std::mt19937_64& random, google::protobuf::Message* message,
                  int depth = 0);

}  // namespace chatgate

#endif  // CHATGATE_TESTS_JSON_RANDOM_MESSAGE_H_
