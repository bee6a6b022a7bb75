#include "server/rest_codec/envelope_writer.h"

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/json/json_writer.h"
#include "server/json/raw_json.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string Quoted(absl::string_view text) {
  std::string out;
  AppendJsonString(text, /*ascii=*/true, &out);
  return out;
}

// A JSON number of digits, with or without a fraction.
bool IsNumber(absl::string_view text) {
  size_t digits = 0;
  size_t points = 0;
  for (const char c : text) {
    if (c == '.') {
      if (digits == 0 || points++ > 0) return false;
    } else if (c < '0' || c > '9') {
      return false;
    } else {
      ++digits;
    }
  }
  const bool leading_zero = text.size() > 1 && text[0] == '0' && text[1] != '.';
  return digits > 0 && !leading_zero && !absl::EndsWith(text, ".");
}

std::string ItemText(const Message& message, const FieldDescriptor* field,
                     int index, const JsonWriteOptions& options) {
  const Reflection* reflection = message.GetReflection();
  if (field->message_type() != nullptr) {
    return WriteJson(reflection->GetRepeatedMessage(message, field, index),
                     options);
  }
  return Quoted(reflection->GetRepeatedString(message, field, index));
}

std::string FieldText(const Message& message, const FieldDescriptor* field,
                      const JsonWriteOptions& options) {
  const Reflection* reflection = message.GetReflection();
  if (field->is_repeated()) {
    std::string out = "[";
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      absl::StrAppend(&out, i > 0 ? ", " : "",
                      ItemText(message, field, i, options));
    }
    return absl::StrCat(out, "]");
  }
  if (field->message_type() != nullptr) {
    return WriteJson(reflection->GetMessage(message, field), options);
  }
  const std::string text = reflection->GetString(message, field);
  if (!IsPageToken(*field)) return Quoted(text);
  if (text.empty()) return "null";
  return IsNumber(text) ? text : Quoted(text);
}

// `data` of a method whose response is the object itself.
std::string WholeText(const RestMethod& method, const Message& response,
                      const JsonWriteOptions& options) {
  if (method.meta().empty()) return WriteJson(response, options);
  const std::unique_ptr<Message> copy(response.New());
  copy->CopyFrom(response);
  for (const RestField& field : method.meta()) {
    copy->GetReflection()->ClearField(copy.get(), field.field);
  }
  return WriteJson(*copy, options);
}

// Puts the fields beside `data` into its object.
void AppendBeside(const RestMethod& method, const Message& response,
                  const JsonWriteOptions& options, std::string* data) {
  for (const RestField& field : method.beside()) {
    if (!response.GetReflection()->HasField(response, field.field)) continue;
    const bool first = *data == "{}";
    data->pop_back();
    absl::StrAppend(data, first ? "" : ", ", Quoted(field.name), ": ",
                    FieldText(response, field.field, options), "}");
  }
}

std::string ErrorEnvelope(int http_status, absl::string_view name,
                          absl::string_view message,
                          const std::map<std::string, std::string>& fields) {
  std::string out = absl::StrCat("{\"meta\": {\"status\": ", http_status,
                                 ", \"error\": ", Quoted(name),
                                 ", \"error_message\": ", Quoted(message));
  if (!fields.empty()) {
    absl::StrAppend(&out, ", \"error_fields\": {");
    absl::string_view separator = "";
    for (const auto& [field, reasons] : fields) {
      absl::StrAppend(&out, separator, Quoted(field), ": ", Quoted(reasons));
      separator = ", ";
    }
    absl::StrAppend(&out, "}");
  }
  return absl::StrCat(out, "}, \"data\": {}}");
}

}  // namespace

std::string WriteEnvelope(const RestMethod& method, const Message& response,
                          bool ids_as_text) {
  JsonWriteOptions options;
  options.ids_as_text = ids_as_text;
  std::string out = "{\"meta\": {\"status\": 200";
  for (const RestField& field : method.meta()) {
    absl::StrAppend(&out, ", ", Quoted(field.name), ": ",
                    FieldText(response, field.field, options));
  }
  std::string data = method.data() == nullptr
                         ? WholeText(method, response, options)
                         : FieldText(response, method.data(), options);
  AppendBeside(method, response, options, &data);
  absl::StrAppend(&out, "}, \"data\": ", data, "}");
  return out;
}

const ErrorRow& RestErrorRow(const absl::Status& status) {
  const ErrorRow* row = FindError(ErrorName(status));
  if (row == nullptr) row = DefaultError(status.code());
  // The Web API has one name for all that is nobody's fault but the server's.
  const bool nameless = row == nullptr || row->http_status == 500;
  return nameless ? *FindError("Error500") : *row;
}

RestError WriteError(const absl::Status& status, const RestMethod* method) {
  const ErrorRow& row = RestErrorRow(status);
  std::vector<FieldViolation> violations = FieldViolations(status);
  std::string message(status.message());
  if (method != nullptr && !violations.empty()) {
    for (FieldViolation& violation : violations) {
      violation.field = method->WireName(violation.field);
    }
    // Others have words of their own.
    if (row.name == "ValidationError") {
      message = std::string(InvalidFields(violations).message());
    }
  }
  std::map<std::string, std::string> fields;
  for (const FieldViolation& violation : violations) {
    std::string& reasons = fields[violation.field];
    absl::StrAppend(&reasons, reasons.empty() ? "" : "; ",
                    violation.description);
  }
  return {row.http_status,
          ErrorEnvelope(row.http_status, row.name, message, fields)};
}

std::string WriteErrorEnvelope(int http_status, absl::string_view name,
                               absl::string_view message) {
  return ErrorEnvelope(http_status, name, message, {});
}

}  // namespace chatgate
