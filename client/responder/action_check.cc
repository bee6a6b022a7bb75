#include "client/responder/action_check.h"

#include <re2/re2.h>

#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/responder/capture.h"
#include "client/responder/reply_template.h"
#include "client/responder/text_check.h"

namespace chatgate {
namespace {

constexpr int kActionsMax = 20;
constexpr int kAlternativesMax = 100;
constexpr size_t kBodyBytesMax = 64 << 10;
constexpr size_t kTagCharsMax = 255;

class ActionCheck {
 public:
  explicit ActionCheck(const v1::Rule& rule) : rule_(rule) {}

  std::vector<ActionProblem> Run() {
    if (rule_.actions().empty()) {
      Add("actions", "the rule has no action: it does nothing");
    }
    if (rule_.actions_size() > kActionsMax) {
      Add("actions", "the rule has more than 20 actions");
    }
    for (int i = 0; i < rule_.actions_size(); ++i) {
      Check(rule_.actions(i), absl::StrCat("actions[", i, "]"));
    }
    return std::move(problems_);
  }

 private:
  void Add(absl::string_view field, absl::string_view reason) {
    problems_.push_back({std::string(field), std::string(reason)});
  }

  void Check(const v1::Action& action, const std::string& field) {
    switch (action.kind_case()) {
      case v1::Action::kReply:
        CheckReply(action.reply(), absl::StrCat(field, ".reply"));
        break;
      case v1::Action::kNote:
        CheckBody(action.note().body(), "note",
                  absl::StrCat(field, ".note.body"));
        break;
      case v1::Action::kTag:
        CheckTag(action.tag().name(), absl::StrCat(field, ".tag.name"));
        break;
      case v1::Action::kAssign:
      case v1::Action::kClose:
        break;
      case v1::Action::KIND_NOT_SET:
        Add(field, "the action says nothing to do");
    }
  }

  void CheckReply(const v1::Reply& reply, const std::string& field) {
    if (reply.alternatives().empty() || !reply.body().empty()) {
      CheckBody(reply.body(), "reply", absl::StrCat(field, ".body"));
    }
    if (reply.alternatives_size() > kAlternativesMax) {
      Add(field, "the reply has more than 100 alternatives");
    }
    for (int i = 0; i < reply.alternatives_size(); ++i) {
      CheckBody(reply.alternatives(i), "reply",
                absl::StrCat(field, ".alternatives[", i, "]"));
    }
    if (!reply.type().empty() && reply.type() != "reply_admin" &&
        reply.type() != "note") {
      Add(absl::StrCat(field, ".type"),
          absl::StrCat("the reply's type is reply_admin or note, not \"",
                       reply.type(), "\""));
    }
  }

  void CheckBody(const std::string& body, absl::string_view what,
                 const std::string& field) {
    if (absl::StripAsciiWhitespace(body).empty()) {
      Add(field, absl::StrCat("the ", what, " has no body"));
    } else if (body.size() > kBodyBytesMax) {
      Add(field, absl::StrCat("the ", what, "'s body is longer than 64 KiB"));
    }
    const ReplyTemplate text(body);
    for (const std::string& name : text.captures()) {
      if (Known().count(name) > 0) continue;
      Add(field, absl::StrCat("unknown capture {", name,
                              "}: no pattern of the rule has it ({{", name,
                              "}} would be plain text)"));
    }
    for (const std::string& name : text.unknown_fields()) {
      Add(field, absl::StrCat("an event has no field {", name, "}"));
    }
  }

  void CheckTag(const std::string& name, const std::string& field) {
    if (absl::StripAsciiWhitespace(name).empty() ||
        CharactersIn(name) > kTagCharsMax ||
        name.find(',') != std::string::npos) {
      Add(field, "a tag is 1 to 255 characters without a comma");
    }
  }

  // Names of all captures of the rule; its patterns are compiled only when an
  // answer has something to fill in.
  const std::set<std::string>& Known() {
    if (!known_.has_value()) known_ = CaptureNames(rule_.match());
    return *known_;
  }

  const v1::Rule& rule_;
  std::vector<ActionProblem> problems_;
  std::optional<std::set<std::string>> known_;
};

}  // namespace

std::vector<ActionProblem> CheckActions(const v1::Rule& rule) {
  return ActionCheck(rule).Run();
}

}  // namespace chatgate
