#include "server/rest_codec/envelope_reader.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"
#include "server/json/json_parser.h"
#include "server/json/json_reader.h"
#include "server/json/raw_json.h"

namespace chatgate {
namespace {

using google::protobuf::Message;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

// A member of a parsed object with the text it was written as.
struct Member {
  absl::string_view name;
  element value;
  absl::string_view text;
};

// The members of an object; none where it is something else, or absent.
class Section {
 public:
  explicit Section(const Member* from)
      : raw_(from == nullptr ? absl::string_view() : from->text) {
    object parsed;
    if (from == nullptr || from->value.get(parsed) != simdjson::SUCCESS) return;
    size_t index = 0;
    for (const auto member : parsed) {
      members_.push_back({View(member.key), member.value, raw_.Child(index++)});
    }
  }

  const std::vector<Member>& members() const { return members_; }

 private:
  RawValue raw_;
  std::vector<Member> members_;
};

const Member* Find(const std::vector<Member>& members, absl::string_view name) {
  for (const Member& member : members) {
    if (member.name == name) return &member;
  }
  return nullptr;
}

std::string TextOf(const Member* member) {
  std::string_view text;
  if (member == nullptr || member->value.get(text) != simdjson::SUCCESS) {
    return "";
  }
  return std::string(text);
}

void AppendMember(absl::string_view name, absl::string_view text,
                  std::string* json) {
  absl::StrAppend(json, json->size() > 1 ? "," : "");
  AppendJsonString(name, /*ascii=*/false, json);
  absl::StrAppend(json, ":", text);
}

const ErrorRow& RowOfHttpStatus(int http_status) {
  if (http_status >= 400 && http_status < 500) {
    for (const ErrorRow& row : ErrorTable()) {
      // Of several, the first is meant least precisely; 400 says nothing more.
      if (row.http_status == http_status && http_status != 400) return row;
    }
    return *FindError("BadRequest");
  }
  return *FindError("Error500");
}

// The shape of `error_fields` is not documented: an object of reasons is what
// others send.
std::vector<FieldViolation> ReadErrorFields(const RestMethod& method,
                                            const std::vector<Member>& fields) {
  std::vector<FieldViolation> violations;
  for (const Member& field : fields) {
    const std::string reason = TextOf(&field);
    violations.push_back({method.FieldName(field.name),
                          reason.empty() ? std::string(field.text) : reason});
  }
  return violations;
}

absl::Status ReadError(const RestMethod& method,
                       const std::vector<Member>& meta,
                       const std::vector<Member>& error_fields,
                       int http_status) {
  std::string name = TextOf(Find(meta, "error"));
  const std::string message = TextOf(Find(meta, "error_message"));
  if (name.empty()) name = std::string(RowOfHttpStatus(http_status).name);
  if (name == "ValidationError" && !error_fields.empty()) {
    return InvalidFields(ReadErrorFields(method, error_fields));
  }
  return MakeError(name, message.empty()
                             ? absl::StrCat("HTTP status ", http_status)
                             : message);
}

// The JSON object that ReadJson fills the response from.
std::string ResponseJson(const RestMethod& method,
                         const std::vector<Member>& meta, const Member* data,
                         const std::vector<Member>& members) {
  std::string json = "{";
  for (const RestField& field : method.meta()) {
    const Member* found = Find(meta, field.name);
    if (found != nullptr) AppendMember(field.name, found->text, &json);
  }
  if (method.data() == nullptr) {
    for (const Member& member : members) {
      AppendMember(member.name, member.text, &json);
    }
  } else if (method.data()->is_repeated()) {
    if (data != nullptr) {
      AppendMember(RestField(method.data()).name, data->text, &json);
    }
  } else {
    std::string inner = "{";
    for (const Member& member : members) {
      bool beside = false;
      for (const RestField& field : method.beside()) {
        beside = beside || field.name == member.name;
      }
      AppendMember(member.name, member.text, beside ? &json : &inner);
    }
    if (!members.empty()) {
      AppendMember(RestField(method.data()).name, absl::StrCat(inner, "}"),
                   &json);
    }
  }
  return absl::StrCat(json, "}");
}

}  // namespace

absl::Status ReadEnvelope(const RestMethod& method, int http_status,
                          absl::string_view body, Message* response) {
  JsonParser parser;
  const absl::StatusOr<element> root = parser.Parse(body);
  if (!root.ok() || root->type() != element_type::OBJECT) {
    if (http_status == 200) {
      return MakeError("Error500", "the answer is no JSON object");
    }
    return MakeError(RowOfHttpStatus(http_status).name,
                     absl::StrCat("HTTP status ", http_status));
  }
  const Member whole = {"", *root, parser.text()};
  const Section envelope(&whole);
  const Section meta(Find(envelope.members(), "meta"));

  int64_t status = http_status;
  if (const Member* said = Find(meta.members(), "status");
      http_status == 200 && said != nullptr &&
      said->value.get(status) != simdjson::SUCCESS) {
    status = http_status;
  }
  if (status != 200 || !TextOf(Find(meta.members(), "error")).empty()) {
    const Section fields(Find(meta.members(), "error_fields"));
    return ReadError(method, meta.members(), fields.members(),
                     static_cast<int>(status));
  }
  const Member* data = Find(envelope.members(), "data");
  const std::string json =
      ResponseJson(method, meta.members(), data, Section(data).members());
  if (!ReadJson(json, response).ok()) {
    return MakeError("Error500", "the answer cannot be read");
  }
  return absl::OkStatus();
}

}  // namespace chatgate
