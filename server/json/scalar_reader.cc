#include "server/json/scalar_reader.h"

#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "absl/numeric/int128.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/utf8.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using simdjson::dom::element;
using simdjson::dom::element_type;

// Beyond it a double no longer holds every whole number.
constexpr double kExactDoubleMax = 9007199254740992.0;  // 2^53

// A number, a boolean or a text; `value` is not read for a text.
struct Scalar {
  element_type type;
  element value;
  absl::string_view text;
};

struct Integer {
  absl::int128 value = 0;
  bool exact = true;
};

std::optional<Integer> FromDouble(double number) {
  if (!(std::fabs(number) < 18446744073709551616.0)) return std::nullopt;
  const double whole = std::trunc(number);
  return Integer{absl::int128(whole),
                 whole == number && std::fabs(whole) <= kExactDoubleMax};
}

bool IsNumberText(absl::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!absl::StrContains("0123456789+-.eE", c)) return false;
  }
  return true;
}

std::optional<Integer> FromText(absl::string_view text) {
  const absl::string_view digits = absl::StripAsciiWhitespace(text);
  uint64_t natural = 0;
  int64_t negative = 0;
  if (absl::SimpleAtoi(digits, &natural)) {
    return Integer{natural, absl::StrCat(natural) == text};
  }
  if (absl::SimpleAtoi(digits, &negative)) {
    return Integer{negative, absl::StrCat(negative) == text};
  }
  double number = 0;
  if (!IsNumberText(digits) || !absl::SimpleAtod(digits, &number)) return {};
  return FromDouble(number);
}

std::optional<Integer> ToInteger(const Scalar& scalar) {
  switch (scalar.type) {
    case element_type::INT64:
      return Integer{int64_t(scalar.value)};
    case element_type::UINT64:
      return Integer{uint64_t(scalar.value)};
    case element_type::DOUBLE:
      return FromDouble(double(scalar.value));
    case element_type::STRING:
      return FromText(scalar.text);
    default:
      return std::nullopt;
  }
}

std::optional<double> ToDouble(const Scalar& scalar) {
  double number = 0;
  switch (scalar.type) {
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
      return double(scalar.value);
    case element_type::STRING: {
      const absl::string_view text = scalar.text;
      if (IsNumberText(text) && absl::SimpleAtod(text, &number) &&
          std::isfinite(number)) {
        return number;
      }
      return std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

std::optional<bool> WordToBool(absl::string_view word) {
  if (word == "1" || absl::EqualsIgnoreCase(word, "true")) return true;
  if (word == "0" || absl::EqualsIgnoreCase(word, "false")) return false;
  return std::nullopt;
}

std::optional<bool> ToBool(const Scalar& scalar) {
  switch (scalar.type) {
    case element_type::BOOL:
      return bool(scalar.value);
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
      if (double(scalar.value) == 0) return false;
      if (double(scalar.value) == 1) return true;
      return std::nullopt;
    case element_type::STRING:
      return WordToBool(scalar.text);
    default:
      return std::nullopt;
  }
}

std::optional<std::string> ToText(const Scalar& scalar, RawValue* raw) {
  switch (scalar.type) {
    case element_type::STRING:
      return std::string(scalar.text);
    case element_type::BOOL:
      return bool(scalar.value) ? "true" : "false";
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
      return std::string(raw->Text());
    default:
      return std::nullopt;
  }
}

// Sets a singular field, adds to a repeated one.
struct Target {
  const FieldDescriptor* field;
  Message* message;

#define CHATGATE_SET(Name, Type)                               \
  Fit Set##Name(Type value) const {                            \
    const Reflection* reflection = message->GetReflection();   \
    if (field->is_repeated()) {                                \
      reflection->Add##Name(message, field, std::move(value)); \
    } else {                                                   \
      reflection->Set##Name(message, field, std::move(value)); \
    }                                                          \
    return Fit::kExact;                                        \
  }
  CHATGATE_SET(Int32, int32_t)
  CHATGATE_SET(Int64, int64_t)
  CHATGATE_SET(UInt32, uint32_t)
  CHATGATE_SET(UInt64, uint64_t)
  CHATGATE_SET(Double, double)
  CHATGATE_SET(Float, float)
  CHATGATE_SET(Bool, bool)
  CHATGATE_SET(String, std::string)
  CHATGATE_SET(EnumValue, int)
#undef CHATGATE_SET

  template <typename T>
  Fit SetInteger(const std::optional<Integer>& integer,
                 Fit (Target::*set)(T) const) const {
    if (!integer || integer->value < std::numeric_limits<T>::min() ||
        integer->value > std::numeric_limits<T>::max()) {
      return Fit::kNot;
    }
    (this->*set)(static_cast<T>(integer->value));
    return integer->exact ? Fit::kExact : Fit::kPartly;
  }

  Fit SetText(std::string text) const {
    if (field->type() != FieldDescriptor::TYPE_BYTES) {
      return SetString(std::move(text));
    }
    std::string bytes;
    if (!absl::Base64Unescape(text, &bytes)) return Fit::kNot;
    return SetString(std::move(bytes));
  }

  Fit SetEnum(const std::optional<Integer>& number,
              const std::optional<std::string>& word) const {
    const google::protobuf::EnumValueDescriptor* named =
        word ? field->enum_type()->FindValueByName(*word) : nullptr;
    if (named != nullptr) return SetEnumValue(named->number());
    return SetInteger<int32_t>(number, &Target::SetEnumNumber);
  }
  Fit SetEnumNumber(int32_t number) const { return SetEnumValue(number); }
};

Fit Read(const Scalar& scalar, RawValue* raw, const FieldDescriptor* field,
         Message* message) {
  const Target target{field, message};
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return target.SetInteger<int32_t>(ToInteger(scalar), &Target::SetInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return target.SetInteger<int64_t>(ToInteger(scalar), &Target::SetInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return target.SetInteger<uint32_t>(ToInteger(scalar), &Target::SetUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return target.SetInteger<uint64_t>(ToInteger(scalar), &Target::SetUInt64);
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT: {
      const std::optional<double> number = ToDouble(scalar);
      if (!number) return Fit::kNot;
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
        return target.SetDouble(*number);
      }
      if (std::fabs(*number) > std::numeric_limits<float>::max()) {
        return Fit::kNot;
      }
      return target.SetFloat(static_cast<float>(*number));
    }
    case FieldDescriptor::CPPTYPE_BOOL: {
      const std::optional<bool> word = ToBool(scalar);
      return word ? target.SetBool(*word) : Fit::kNot;
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      std::optional<std::string> text = ToText(scalar, raw);
      return text ? target.SetText(*std::move(text)) : Fit::kNot;
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return target.SetEnum(ToInteger(scalar), ToText(scalar, raw));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return Fit::kNot;
}

}  // namespace

Fit ReadScalar(element value, RawValue& raw, const FieldDescriptor* field,
               Message* message) {
  Scalar scalar{value.type(), value, ""};
  if (scalar.type == element_type::STRING) {
    scalar.text = View(std::string_view(value));
  }
  return Read(scalar, &raw, field, message);
}

Fit ReadScalarText(absl::string_view text, const FieldDescriptor* field,
                   Message* message) {
  if (IsUtf8(text)) {
    return Read({element_type::STRING, {}, text}, nullptr, field, message);
  }
  const std::string repaired = RepairUtf8(text);
  return Read({element_type::STRING, {}, repaired}, nullptr, field, message);
}

}  // namespace chatgate
