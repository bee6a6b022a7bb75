#ifndef CHATGATE_SERVER_JSON_KEPT_MEMBERS_H_
#define CHATGATE_SERVER_JSON_KEPT_MEMBERS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "google/protobuf/message.h"
#include "server/json/message_plan.h"
#include "server/json/raw_json.h"
#include "simdjson.h"

namespace chatgate {

// Which members of an object its message has no place for, noted while the
// object is read, and put into `unknown_fields_json` at the end. Of members
// with one key the last counts. Costs time in proportion to the object.
class KeptMembers {
 public:
  explicit KeptMembers(const MessagePlan& plan)
      : fields_(plan.fields.size(), kUnseen) {}

  // Notes that a known field was read; false where it was not for the first
  // time, and has to be cleared first.
  bool See(size_t field) {
    const bool first = fields_[field] == kUnseen;
    fields_[field] = kSeen;
    return first;
  }
  // Keeps a member of the object, by its position: of a known field, or of an
  // unknown key.
  void KeepField(size_t field, size_t member) {
    fields_[field] = static_cast<int64_t>(member);
  }
  void KeepUnknown(size_t member) { unknown_.push_back(member); }

  // Writes what was kept into the message, where it has the field for it.
  void Store(simdjson::dom::object object, RawValue& raw,
             const MessagePlan& plan, google::protobuf::Message* message) const;

 private:
  static constexpr int64_t kUnseen = -2;
  static constexpr int64_t kSeen = -1;

  // The members to keep, in order.
  std::vector<size_t> Members(simdjson::dom::object object) const;

  // For each field: the member to keep, or one of the two above.
  absl::InlinedVector<int64_t, 48> fields_;
  std::vector<size_t> unknown_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_JSON_KEPT_MEMBERS_H_
