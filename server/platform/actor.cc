#include "server/platform/actor.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/backend/arguments.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/platform/arguments.h"

namespace chatgate::platform {

namespace {

constexpr char kDefaultBotName[] = "Bot";

// `from_user` is `true`, `default_user` or an id, or says no.
bool SaysYes(absl::string_view from_user) {
  return from_user == "default_user" || from_user == "1" ||
         absl::EqualsIgnoreCase(from_user, "true");
}

}  // namespace

absl::StatusOr<v1::Admin> FindAdmin(const ReadContext& context,
                                    absl::string_view field, uint64_t id) {
  const auto it = context.app.admins.find(id);
  if (it == context.app.admins.end()) {
    return InvalidField(field,
                        absl::StrCat(id, " is no admin of the workspace"));
  }
  return it->second;
}

absl::StatusOr<v1::Sender> FindOperator(const ReadContext& context,
                                        absl::string_view from_admin,
                                        const std::string& bot_name) {
  v1::Sender sender;
  v1::Admin& admin = *sender.mutable_admin();
  if (from_admin == "default_admin") {
    // Unknown in the facts is who that is. Samples show the type and no id; the
    // workspace's own name says most.
    admin.set_type("default_admin");
    admin.set_name(context.app.name);
    return sender;
  }
  if (!from_admin.empty()) {
    const absl::StatusOr<uint64_t> id = ParseId("from_admin", from_admin);
    if (!id.ok()) {
      return InvalidField("from_admin",
                          "must be an admin's id or `default_admin`");
    }
    ASSIGN_OR_RETURN(admin, FindAdmin(context, "from_admin", *id));
    return sender;
  }
  RETURN_IF_ERROR(
      CheckText("bot_name", bot_name, 0, context.limits.name_chars_max));
  admin.set_type("bot");
  admin.set_name(bot_name.empty() ? kDefaultBotName : bot_name);
  return sender;
}

absl::StatusOr<v1::Sender> FindSender(const ReadContext& context,
                                      const ConversationRow& conversation,
                                      absl::string_view from_user,
                                      absl::string_view from_admin,
                                      const std::string& bot_name) {
  if (SaysNo(from_user)) return FindOperator(context, from_admin, bot_name);
  if (!from_admin.empty())
    return InvalidField("from_user", "excludes from_admin");
  if (conversation.lead_id == 0) {
    return InvalidField("from_user", "the lead of the conversation is unknown");
  }
  v1::Sender sender;
  sender.set_user_id(conversation.lead_id);
  if (SaysYes(from_user)) return sender;
  const absl::StatusOr<uint64_t> id = ParseId("from_user", from_user);
  if (!id.ok()) {
    return InvalidField("from_user",
                        "must be `true`, `default_user` or the lead's id");
  }
  if (*id != conversation.lead_id) {
    return InvalidField(
        "from_user", absl::StrCat(*id, " is not the lead of the conversation"));
  }
  return sender;
}

}  // namespace chatgate::platform
