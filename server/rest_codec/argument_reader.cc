#include "server/rest_codec/argument_reader.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/utf8.h"
#include "server/json/json_parser.h"
#include "server/json/raw_json.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Whole numbers that a double holds exactly.
constexpr double kExactMax = 9007199254740992.0;  // 2^53

// `5` and `5.0`, and where `fraction_cut` is set also `5.7`.
template <typename Number>
std::optional<Number> ReadWhole(absl::string_view text, bool fraction_cut) {
  Number number = 0;
  if (absl::SimpleAtoi(text, &number)) return number;
  double real = 0;
  // SimpleAtod takes hexadecimal and words for numbers too.
  if (text.find_first_not_of("0123456789+-.eE") != absl::string_view::npos ||
      !absl::SimpleAtod(text, &real) || !(std::fabs(real) <= kExactMax)) {
    return std::nullopt;
  }
  const double whole = std::trunc(real);
  if (whole != real && !fraction_cut) return std::nullopt;
  if (whole < static_cast<double>(std::numeric_limits<Number>::min()) ||
      whole > static_cast<double>(std::numeric_limits<Number>::max())) {
    return std::nullopt;
  }
  return static_cast<Number>(whole);
}

template <typename Number>
std::string WholeReason() {
  return absl::StrCat("must be a whole number from ",
                      std::numeric_limits<Number>::min(), " to ",
                      std::numeric_limits<Number>::max());
}

// Pages beyond any limit are as large as can be; the platform clamps them.
template <typename Number>
std::optional<Number> ReadPageSize(absl::string_view text) {
  const std::optional<int64_t> size = ReadWhole<int64_t>(text, false);
  if (!size) return std::nullopt;
  return static_cast<Number>(std::min<int64_t>(
      std::max<int64_t>(*size, std::numeric_limits<Number>::min()),
      std::numeric_limits<Number>::max()));
}

// A cursor that says "from the beginning": `0`, in any spelling.
bool IsFirstPage(absl::string_view cursor) {
  double number = 0;
  return absl::SimpleAtod(cursor, &number) && number == 0;
}

}  // namespace

bool IsTrue(absl::string_view text) {
  return !text.empty() && text != "0" && !absl::EqualsIgnoreCase(text, "false");
}

std::string ReadScalarArgument(absl::string_view text, const RestField& field,
                               Message* request) {
  const Reflection* reflection = request->GetReflection();
  const FieldDescriptor* target = field.field;
  const bool fraction_cut = field.param->seconds();
  const bool page_size = target->name() == "page_size";
  const auto cpp_type = target->cpp_type();
  if (!IsUtf8(text)) return "is not UTF-8";
  if (cpp_type == FieldDescriptor::CPPTYPE_STRING) {
    if (IsPageToken(*target) && IsFirstPage(text)) text = "";
    reflection->SetString(request, target, std::string(text));
    return "";
  }
  if (cpp_type == FieldDescriptor::CPPTYPE_BOOL) {
    reflection->SetBool(request, target, IsTrue(text));
    return "";
  }
  if (text.empty()) return "";
#define CHATGATE_SET(TYPE, Name, Number)                   \
  case FieldDescriptor::CPPTYPE_##TYPE: {                  \
    const std::optional<Number> number =                   \
        page_size ? ReadPageSize<Number>(text)             \
                  : ReadWhole<Number>(text, fraction_cut); \
    if (!number) return WholeReason<Number>();             \
    reflection->Set##Name(request, target, *number);       \
    return "";                                             \
  }
  switch (cpp_type) {
    CHATGATE_SET(INT32, Int32, int32_t)
    CHATGATE_SET(INT64, Int64, int64_t)
    CHATGATE_SET(UINT32, UInt32, uint32_t)
    CHATGATE_SET(UINT64, UInt64, uint64_t)
    default:
      return "cannot be given as an argument";  // The proto has none such.
  }
#undef CHATGATE_SET
}

std::string ReadWordsArgument(const RestArgument& argument,
                              const RestField& field, Message* request) {
  const Reflection* reflection = request->GetReflection();
  const auto add = [&](absl::string_view word) {
    word = absl::StripAsciiWhitespace(word);
    if (!word.empty())
      reflection->AddString(request, field.field, std::string(word));
  };
  if (!IsUtf8(argument.value)) return "is not UTF-8";
  if (!argument.native && !absl::StartsWith(argument.value, "[")) {
    for (absl::string_view word : absl::StrSplit(argument.value, ',')) {
      add(word);
    }
    return "";
  }
  JsonParser parser;
  const absl::StatusOr<simdjson::dom::element> root =
      parser.Parse(argument.value);
  simdjson::dom::array array;
  if (!root.ok() || root->get(array) != simdjson::SUCCESS) {
    return "must be a comma separated list or a JSON array of text";
  }
  RawValue raw(parser.text());
  size_t index = 0;
  for (const simdjson::dom::element element : array) {
    const absl::string_view text = raw.Child(index++);
    std::string_view word;
    if (element.get(word) == simdjson::SUCCESS) {
      add(View(word));
    } else if (element.is_number()) {
      add(text);
    } else {
      return "must be a JSON array of text";
    }
  }
  return "";
}

}  // namespace chatgate
