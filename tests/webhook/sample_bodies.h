#ifndef CHATGATE_TESTS_WEBHOOK_SAMPLE_BODIES_H_
#define CHATGATE_TESTS_WEBHOOK_SAMPLE_BODIES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace chatgate {

// Bodies as the platforms print them, and ways to write forms.

// The value of `conversation` in Dashly's own example.
inline constexpr absl::string_view kDashlyPart2017 =
    R"({"direction": "u2a", "conversation_closed": false, "conversation_tags": [], "type": "reply_user", "id": 78183798, "body": "ewfwfwef", "assignee": {"type": "admin", "name": "inkov", "avatar": "https://files.dashly.io/avatars/default-v2.png", "id": 111}, "sent_via": "web_user", "created": 1492604036, "random_id": 132466821, "conversation": 64558819, "from": 85648207})";

// The same in the newer form: ids as text, and many more keys.
inline constexpr absl::string_view kDashlyPart2025 =
    R"({"id": "1918273645546372819", "conversation": "1918273645546372000", "created": 1735689600, "body": "\u041f\u0440\u0438\u0432\u0435\u0442", "body_json": {}, "meta_data": {}, "reply_type": "text", "actions": null, "edited": null, "removed": null, "external_id": null, "part_group": "1918273645546372111", "type": "reply_user", "sent_via": "web_user", "direction": "u2a", "from": "1918273645546300000", "user": "1918273645546300000", "random_id": 4294967295, "conversation_closed": false, "conversation_tags": ["a"], "conversation_delayed_until": null, "conversation_last_update": 1735689600, "conversation_replied": true, "conversation_admin_unread_count": 1, "conversation_last_user_reply_time": 1735689600, "conversation_type": "popup_chat", "conversation_not_answered_admin_replies": 0, "conversation_assistant_type": null, "channel": null, "attachments": [], "assignee": {"id": "111", "name": "inkov", "name_internal": "I. Nkov", "avatar": "", "type": "admin"}, "brand_new": 18446744073709551615})";

// Chatlio's example for three of its hooks.
inline constexpr absl::string_view kChatlioVisitorMessage =
    R"({"visitor": {"email": "", "UUID": "2d3f4260-2235-903b-0a82-a23d326cc257", "name": "", "identUserId": "", "identTraits": "", "userAgent": "Mozilla/5.0", "handle": "united-states-27", "currentPage": "http://yoursite.com/signup", "referrerURL": "", "createdAt": "2016-02-07T11:02:17.839766-08:00", "IPAddress": "175.24.144.21", "location": "Los Angeles, California, United States"}, "message": "Hi, I am having trouble signing up", "conversationUUID": "e3d1800d-2d9e-4966-4500-9ff986cfa197", "channelId": "C1NABCDEF", "slackChannelName": "live-chat", "slackChannelId": "C1XPVTNKR"})";

inline constexpr absl::string_view kChatlioOffline =
    R"({"name": "Bob Smith", "email": "bob@smith.com", "emailPretty": "\"Bob Smith\" <bob@smith.com>", "message": "I just want to say I love your service!", "subject": "extra", "visitor": {"email": "bob@smith.com", "UUID": "2d3f4260-2235-903b-0a82-a23d326cc257", "identTraits": "{\"custom stuff\":\"things\"}", "createdAt": "2016-02-07T11:02:17.839766-08:00"}})";

// As printed, the comment included, which makes it no JSON.
inline constexpr absl::string_view kChatlioTranscriptPrinted =
    "{\"agentEmail\": \"someone@yourcompany.com\", \"extraData\": [\"extra\", "
    "\"stuff\"], \"conversationUUID\": "
    "\"e3d1800d-2d9e-4966-4500-9ff986cfa197\", \"endedAt\": "
    "\"2018-05-19T18:14:32.000026941+02:00\", \"chatRating\": \"up\", "
    "\"messages\": [{\"text\": \"Hi!\", \"ts\": \"1469725409.000005\", "
    "\"isVisitorMsg\": true}, {}],\n \"replyToEmail\": "
    "\"no-reply@chatlio.com\", // We use the visitor email here if we have "
    "it.\n \"visitorTraits\": {\"logged_in\": \"false\"}, \"visitor\": "
    "{\"UUID\": \"2b959179-d06f-4fec-9c6e-1c98468d1d63\"}}";

// The same without its comment.
std::string ChatlioTranscript();

// `text` with every byte but letters and digits percent-encoded.
std::string FormEncoded(absl::string_view text);

// A form of these fields, values percent-encoded.
std::string FormOf(
    const std::vector<std::pair<std::string, std::string>>& fields);

// Dashly's webhook for a part.
std::string DashlyConversationForm(absl::string_view part,
                                   absl::string_view token);

}  // namespace chatgate

#endif  // CHATGATE_TESTS_WEBHOOK_SAMPLE_BODIES_H_
