#ifndef CHATGATE_SERVER_JSON_JSON_WRITER_H_
#define CHATGATE_SERVER_JSON_JSON_WRITER_H_

#include <string>

#include "google/protobuf/message.h"

namespace chatgate {

struct JsonWriteOptions {
  bool ids_as_text = false;  // `id_as_string=true` of the Web API.
  bool utf8 = false;         // Non-ASCII as it is, instead of `\uXXXX`.
  // Texts that are empty, too. A request leaves out what its caller has not
  // said: absent is not empty to the platform.
  bool empty_texts = true;
};

// Writes a message as the platforms write JSON: wire names, whole numbers bare,
// 64-bit ids exact, unions as their bare value, `", "` and `": "` between, and
// ASCII alone (`\uXXXX`), as Dashly's webhooks have.
//
//   * Left out: unset fields with presence, ids that are 0, empty lists, and
//     unions without a member; but those with the option `param.always` are
//     written as `null` or `[]`.
//   * `unknown_fields_json` is merged back in; where it has the key of a field,
//     its value stands, because it is the original. Text in it that is no JSON
//     object is left out.
//   * In a Struct whole numbers have no point; keys are sorted.
//
// ReadJson(WriteJson(m)) gives m again, where m holds UTF-8, finite numbers, no
// Value without a kind and no deeper Struct than ReadJson takes.
//
// Threads: any.
std::string WriteJson(const google::protobuf::Message& message,
                      const JsonWriteOptions& options = {});

}  // namespace chatgate

#endif  // CHATGATE_SERVER_JSON_JSON_WRITER_H_
