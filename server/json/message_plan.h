#ifndef CHATGATE_SERVER_JSON_MESSAGE_PLAN_H_
#define CHATGATE_SERVER_JSON_MESSAGE_PLAN_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace chatgate {

struct MessagePlan;

// How a field stands in JSON.
enum class JsonShape {
  kScalar,     // Number, text or boolean.
  kMessage,    // An object.
  kUnion,      // The bare value of one member (option `union`).
  kStruct,     // Any object.
  kListValue,  // Any list.
  kValue,      // Anything.
  kTimestamp,  // RFC 3339 text.
};

// What reader and writer need to know of a field, looked up once.
struct FieldPlan {
  const google::protobuf::FieldDescriptor* field = nullptr;
  JsonShape shape = JsonShape::kScalar;
  const MessagePlan* message = nullptr;  // For kMessage and kUnion.
  std::string name;                      // The key in JSON.
  bool is_id = false;   // A 64-bit id: text on request, never written as 0.
  bool json = false;    // In a form: JSON text.
  bool comma = false;   // In a form: comma separated text.
  bool local = false;   // Chatgate's own: not taken from a form.
  bool always = false;  // Written even when empty.
};

// The same for a message.
struct MessagePlan {
  const google::protobuf::Descriptor* descriptor = nullptr;
  std::vector<FieldPlan> fields;  // In the order of the proto.
  absl::flat_hash_map<std::string, size_t> by_name;
  // The field `unknown_fields_json`, which `fields` leaves out; may be null.
  const google::protobuf::FieldDescriptor* unknown = nullptr;
  // Of a union: its first scalar and first message member; may be null.
  const FieldPlan* scalar_member = nullptr;
  const FieldPlan* message_member = nullptr;

  const FieldPlan* Find(absl::string_view name) const {
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : &fields[found->second];
  }
};

// The plan of a message type: made at first use, kept for ever. Map fields have
// no plan (only Struct has one, which is a shape of its own).
// Threads:  any.
// Lifetime: `descriptor` must live as long as the program, as those of
//           generated messages do.
const MessagePlan& PlanOf(const google::protobuf::Descriptor* descriptor);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_JSON_MESSAGE_PLAN_H_
