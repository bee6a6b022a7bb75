#include "server/rest_codec/request_writer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/json/json_writer.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Mirrored arguments are text, whole numbers and booleans.
std::string ScalarText(const Message& message, const FieldDescriptor* field) {
  const Reflection* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(message, field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection->GetInt32(message, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(reflection->GetInt64(message, field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(reflection->GetUInt32(message, field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(reflection->GetUInt64(message, field));
    default:
      return reflection->GetString(message, field);
  }
}

bool IsSet(const Message& message, const FieldDescriptor* field) {
  const Reflection* reflection = message.GetReflection();
  return field->is_repeated() ? reflection->FieldSize(message, field) > 0
                              : reflection->HasField(message, field);
}

std::string ListText(const Message& message, const RestField& field) {
  const Reflection* reflection = message.GetReflection();
  std::vector<std::string> items;
  for (int i = 0; i < reflection->FieldSize(message, field.field); ++i) {
    if (field.field->message_type() != nullptr) {
      items.push_back(
          WriteJson(reflection->GetRepeatedMessage(message, field.field, i),
                    {.empty_texts = false}));
    } else {
      items.push_back(reflection->GetRepeatedString(message, field.field, i));
    }
  }
  return field.param->json()
             ? absl::StrCat("[", absl::StrJoin(items, ", "), "]")
             : absl::StrJoin(items, ",");
}

std::string ArgumentText(const Message& message, const RestField& field) {
  if (field.field->is_repeated()) return ListText(message, field);
  if (field.field->message_type() != nullptr) {
    return WriteJson(message.GetReflection()->GetMessage(message, field.field),
                     {.empty_texts = false});
  }
  return ScalarText(message, field.field);
}

absl::StatusOr<std::string> WritePath(const RestMethod& method,
                                      const Message& request,
                                      uint64_t default_app_id) {
  std::vector<std::string> pieces;
  for (const PathPiece& piece : method.path()) {
    if (piece.hole == nullptr) {
      pieces.push_back(piece.word);
    } else if (IsSet(request, piece.hole)) {
      pieces.push_back(PercentEncoded(ScalarText(request, piece.hole)));
    } else if (piece.word == "app_id" && default_app_id != 0) {
      pieces.push_back(absl::StrCat(default_app_id));
    } else {
      return InvalidField(piece.word, "is required");
    }
  }
  return absl::StrJoin(pieces, "/");
}

}  // namespace

std::string PercentEncoded(absl::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(3 * text.size());  // Never grown, so that a secret can be wiped.
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '.' || c == '_' ||
        c == '~') {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 0xF]);
    }
  }
  return out;
}

std::string RestCall::Form() const {
  return absl::StrJoin(arguments, "&",
                       [](std::string* out, const auto& argument) {
                         absl::StrAppend(out, PercentEncoded(argument.first),
                                         "=", PercentEncoded(argument.second));
                       });
}

absl::StatusOr<RestCall> WriteRequest(const RestMethod& method,
                                      const Message& request,
                                      uint64_t default_app_id) {
  RestCall call;
  call.verb = method.method().rest.verb();
  ASSIGN_OR_RETURN(call.path, WritePath(method, request, default_app_id));
  for (const RestField& field : method.arguments()) {
    if (!IsSet(request, field.field)) continue;
    call.arguments.emplace_back(field.name, ArgumentText(request, field));
  }
  call.arguments.emplace_back("id_as_string", "true");
  return call;
}

}  // namespace chatgate
