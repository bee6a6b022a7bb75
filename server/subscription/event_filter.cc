#include "server/subscription/event_filter.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/subscription/service_error.h"

namespace chatgate {
namespace {

constexpr int kEntriesMax = 1000;
// A stream keeps its filter as long as it lives.
constexpr size_t kEntryBytesMax = 256;
constexpr size_t kTextsBytesMax = size_t{64} << 10;

absl::Status CheckLength(absl::string_view field, int entries) {
  if (entries <= kEntriesMax) return absl::OkStatus();
  return InvalidField(
      absl::StrCat("filter.", field),
      absl::StrCat("at most ", kEntriesMax, " entries, not ", entries));
}

using Texts = google::protobuf::RepeatedPtrField<std::string>;

absl::Status CheckTexts(absl::string_view field, const Texts& texts,
                        size_t* bytes) {
  RETURN_IF_ERROR(CheckLength(field, texts.size()));
  for (int i = 0; i < texts.size(); ++i) {
    if (texts[i].size() > kEntryBytesMax) {
      return InvalidField(
          absl::StrCat("filter.", field, "[", i, "]"),
          absl::StrCat("must have at most ", kEntryBytesMax, " bytes"));
    }
    *bytes += texts[i].size();
  }
  if (*bytes <= kTextsBytesMax) return absl::OkStatus();
  return InvalidField(absl::StrCat("filter.", field),
                      absl::StrCat("the filter's texts must have at most ",
                                   kTextsBytesMax, " bytes in all"));
}

// One that can never match is a mistake: most often an id alone.
absl::Status CheckConversations(const Texts& conversations) {
  for (int i = 0; i < conversations.size(); ++i) {
    if (absl::StartsWith(conversations[i], "dashly:") ||
        absl::StartsWith(conversations[i], "chatlio:")) {
      continue;
    }
    return InvalidField(
        absl::StrCat("filter.conversations[", i, "]"),
        "must be `dashly:` or `chatlio:` and an id, as in Event.conversation");
  }
  return absl::OkStatus();
}

absl::Status CheckLengths(const v1::EventFilter& filter) {
  RETURN_IF_ERROR(CheckLength("kinds", filter.kinds_size()));
  size_t bytes = 0;
  RETURN_IF_ERROR(CheckTexts("conversations", filter.conversations(), &bytes));
  RETURN_IF_ERROR(CheckTexts("user_ids", filter.user_ids(), &bytes));
  RETURN_IF_ERROR(CheckTexts("directions", filter.directions(), &bytes));
  RETURN_IF_ERROR(CheckTexts("part_types", filter.part_types(), &bytes));
  return CheckLength("app_ids", filter.app_ids_size());
}

template <typename Set, typename Value>
bool LetsThrough(const Set& set, const Value& value) {
  return set.empty() || set.contains(value);
}

}  // namespace

absl::StatusOr<EventFilter> EventFilter::Compile(
    const v1::EventFilter& filter, const Caller& caller,
    const std::set<uint64_t>& known_apps) {
  RETURN_IF_ERROR(CheckLengths(filter));
  RETURN_IF_ERROR(CheckConversations(filter.conversations()));
  EventFilter compiled;
  for (int i = 0; i < filter.kinds_size(); ++i) {
    const v1::EventKind kind = filter.kinds(i);
    if (kind == v1::EVENT_KIND_UNSPECIFIED || !v1::EventKind_IsValid(kind)) {
      return InvalidField(absl::StrCat("filter.kinds[", i, "]"),
                          "is no kind of event");
    }
    compiled.kinds_.insert(kind);
  }
  for (int i = 0; i < filter.directions_size(); ++i) {
    const std::string& direction = filter.directions(i);
    if (direction != "u2a" && direction != "a2u") {
      return InvalidField(absl::StrCat("filter.directions[", i, "]"),
                          "is neither `u2a` nor `a2u`");
    }
    compiled.directions_.insert(direction);
  }
  for (uint64_t app_id : filter.app_ids()) {
    // One answer for both, so that nobody learns which apps there are.
    if (!caller.MayUse(app_id) || !known_apps.contains(app_id)) {
      return ServiceError(Reason::kAppNotAllowed,
                          absl::StrCat("app ", app_id, " is not the caller's"));
    }
    compiled.app_ids_.insert(app_id);
  }
  if (compiled.app_ids_.empty()) compiled.app_ids_ = caller.app_ids;
  compiled.conversations_.insert(filter.conversations().begin(),
                                 filter.conversations().end());
  compiled.user_ids_.insert(filter.user_ids().begin(), filter.user_ids().end());
  compiled.part_types_.insert(filter.part_types().begin(),
                              filter.part_types().end());
  return compiled;
}

bool EventFilter::Matches(const EventTraits& traits) const {
  return LetsThrough(app_ids_, traits.app_id) &&
         LetsThrough(kinds_, traits.kind) &&
         LetsThrough(conversations_, traits.conversation) &&
         LetsThrough(user_ids_, traits.user_id) &&
         LetsThrough(directions_, traits.direction) &&
         LetsThrough(part_types_, traits.part_type);
}

bool EventFilter::MatchesEverything() const {
  return app_ids_.empty() && kinds_.empty() && conversations_.empty() &&
         user_ids_.empty() && directions_.empty() && part_types_.empty();
}

bool EventFilter::MatchesConversation(const std::string& conversation,
                                      const std::string& user_id) const {
  return LetsThrough(conversations_, conversation) &&
         LetsThrough(user_ids_, user_id);
}

}  // namespace chatgate
