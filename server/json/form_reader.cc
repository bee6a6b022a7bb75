#include "server/json/form_reader.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/utf8.h"
#include "server/json/field_reader.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// How often a form may look like bare JSON and turn out not to be: each time
// costs a look at all that follows, and without a limit a hostile body of 1 MiB
// would be read a thousand times.
constexpr int kBareJsonFailuresMax = 8;

// The digit's value, or -1.
constexpr std::array<int8_t, 256> HexDigits() {
  std::array<int8_t, 256> digits = {};
  for (int8_t& digit : digits) digit = -1;
  for (int8_t i = 0; i < 10; ++i) digits[static_cast<size_t>('0' + i)] = i;
  for (int8_t i = 0; i < 6; ++i) {
    digits[static_cast<size_t>('a' + i)] = static_cast<int8_t>(10 + i);
    digits[static_cast<size_t>('A' + i)] = static_cast<int8_t>(10 + i);
  }
  return digits;
}

int HexDigit(char c) {
  static constexpr std::array<int8_t, 256> kDigits = HexDigits();
  return kDigits[static_cast<unsigned char>(c)];
}

// Every byte of every webhook comes this way.
std::string Decode(absl::string_view text) {
  std::string decoded(text.size(), '\0');
  char* out = decoded.data();
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+') {
      c = ' ';
    } else if (c == '%' && i + 2 < text.size()) {
      // Negative where either is none.
      const int high = HexDigit(text[i + 1]);
      const int low = HexDigit(text[i + 2]);
      if ((high | low) >= 0) {
        c = static_cast<char>(high * 16 + low);
        i += 2;
      }
    }
    *out++ = c;
  }
  decoded.resize(static_cast<size_t>(out - decoded.data()));
  return decoded;
}

// Length of the bare JSON at the beginning of `text`, or 0 where there is none.
size_t BareJsonLength(absl::string_view text) {
  int depth = 0;
  bool in_string = false;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = quoted = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      const bool ends = i + 1 == text.size() || text[i + 1] == '&';
      return ends && quoted ? i + 1 : 0;
    }
  }
  return 0;
}

// Takes the fields off a body, one by one.
class FormScanner {
 public:
  explicit FormScanner(absl::string_view body) : rest_(body) {}

  bool done() const { return rest_.empty(); }

  std::pair<std::string, std::string> Next() {
    const size_t name_end = rest_.find_first_of("=&");
    std::string name = Decode(rest_.substr(0, name_end));
    if (name_end == absl::string_view::npos || rest_[name_end] == '&') {
      Advance(name_end);
      return {std::move(name), ""};
    }
    rest_.remove_prefix(name_end + 1);
    if (const size_t length = TakeBareJson(); length > 0) {
      std::string value(rest_.substr(0, length));
      Advance(length);
      return {std::move(name), std::move(value)};
    }
    const size_t value_end = rest_.find('&');
    std::string value = Decode(rest_.substr(0, value_end));
    Advance(value_end);
    return {std::move(name), std::move(value)};
  }

 private:
  size_t TakeBareJson() {
    if (rest_.empty() || (rest_[0] != '{' && rest_[0] != '[')) return 0;
    if (failures_left_ == 0) return 0;
    const size_t length = BareJsonLength(rest_);
    if (length == 0) --failures_left_;
    return length;
  }

  // Drops everything up to `end` and the `&` there.
  void Advance(size_t end) {
    if (end >= rest_.size()) {
      rest_ = "";
    } else {
      rest_.remove_prefix(end + 1);
    }
  }

  absl::string_view rest_;
  int failures_left_ = kBareJsonFailuresMax;
};

bool IsText(const FieldPlan& plan) {
  return plan.shape == JsonShape::kScalar && !plan.field->is_repeated() &&
         plan.field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
}

bool IsBool(const FieldPlan& plan) {
  return !plan.field->is_repeated() &&
         plan.field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
}

// In an argument, `false`, `0` and nothing are false; any other word is true.
void SetWord(absl::string_view word, const FieldPlan& plan, Message* message) {
  const bool no =
      word.empty() || word == "0" || absl::EqualsIgnoreCase(word, "false");
  message->GetReflection()->SetBool(message, plan.field, !no);
}

Fit SetField(absl::string_view text, const FieldPlan& plan, Message* message) {
  if (IsBool(plan)) {
    SetWord(text, plan, message);
    return Fit::kExact;
  }
  if (text.empty() && !IsText(plan)) return Fit::kExact;
  return ReadFieldText(text, plan, message);
}

std::string UnknownJson(const std::map<std::string, std::string>& kept) {
  std::string json = "{";
  for (const auto& [name, value] : kept) {
    if (json.size() > 1) json.push_back(',');
    AppendJsonString(name, /*ascii=*/false, &json);
    json.push_back(':');
    AppendJsonString(value, /*ascii=*/false, &json);
  }
  json.push_back('}');
  return json;
}

}  // namespace

absl::StatusOr<FormFields> ParseForm(absl::string_view body,
                                     size_t fields_max) {
  while (absl::EndsWith(body, "\n") || absl::EndsWith(body, "\r")) {
    body.remove_suffix(1);
  }
  FormFields fields;
  FormScanner scanner(body);
  while (!scanner.done()) {
    std::pair<std::string, std::string> field = scanner.Next();
    if (field.first.empty() && field.second.empty()) continue;  // `&&`
    if (fields.size() == fields_max) {
      return absl::InvalidArgumentError(
          absl::StrCat("form: more than ", fields_max, " fields"));
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

absl::Status ReadFields(const FormFields& fields, Message* message,
                        const std::vector<absl::string_view>& skip) {
  message->Clear();
  const MessagePlan& plan = PlanOf(message->GetDescriptor());
  std::map<std::string, std::string> kept;  // Sorted: a form has no order.
  for (const auto& [name, value] : fields) {
    if (std::find(skip.begin(), skip.end(), name) != skip.end()) continue;
    const FieldPlan* field = plan.Find(name);
    if (field == nullptr || field->local) {
      kept[RepairUtf8(name)] = value;
      continue;
    }
    message->GetReflection()->ClearField(message, field->field);
    kept.erase(field->name);
    const Fit fit = SetField(value, *field, message);
    if (fit == Fit::kNot && field->json) {
      return absl::InvalidArgumentError(absl::StrCat(
          "form: `", field->name, "` is not the JSON it should be"));
    }
    if (fit != Fit::kExact) kept[field->name] = value;
  }
  if (plan.unknown != nullptr && !kept.empty()) {
    message->GetReflection()->SetString(message, plan.unknown,
                                        UnknownJson(kept));
  }
  return absl::OkStatus();
}

}  // namespace chatgate
