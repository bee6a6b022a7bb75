#include "server/json/kept_members.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace chatgate {

std::vector<size_t> KeptMembers::Members(simdjson::dom::object object) const {
  std::vector<size_t> members;
  for (const int64_t member : fields_) {
    if (member >= 0) members.push_back(static_cast<size_t>(member));
  }
  absl::flat_hash_map<absl::string_view, size_t> last;
  size_t index = 0;
  size_t next = 0;
  for (const auto member : object) {
    if (next == unknown_.size()) break;
    if (unknown_[next] == index) {
      last[View(member.key)] = index;
      ++next;
    }
    ++index;
  }
  for (const auto& [key, member] : last) members.push_back(member);
  std::sort(members.begin(), members.end());
  return members;
}

void KeptMembers::Store(simdjson::dom::object object, RawValue& raw,
                        const MessagePlan& plan,
                        google::protobuf::Message* message) const {
  if (plan.unknown == nullptr) return;
  const std::vector<size_t> members = Members(object);
  if (members.empty()) return;
  std::string json = "{";
  size_t index = 0;
  size_t next = 0;
  for (const auto member : object) {
    if (next == members.size()) break;
    if (members[next] == index) {
      if (next > 0) json.push_back(',');
      AppendJsonString(View(member.key), /*ascii=*/false, &json);
      json.push_back(':');
      AppendJsonValue(member.value, raw.Child(index), {}, &json);
      ++next;
    }
    ++index;
  }
  json.push_back('}');
  message->GetReflection()->SetString(message, plan.unknown, std::move(json));
}

}  // namespace chatgate
