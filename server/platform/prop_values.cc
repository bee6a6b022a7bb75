#include "server/platform/prop_values.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/platform/arguments.h"

namespace chatgate::platform {

namespace {

using ::google::protobuf::Value;

constexpr double kNumberMax = 9007199254740992.0;  // 2^53.
constexpr int kListMax = 30;

std::string WhyNoText(const ReadContext& context, const std::string& text) {
  if (CheckText("value", text, 0, context.limits.name_chars_max).ok())
    return "";
  return absl::StrCat("a text must be UTF-8 of at most ",
                      context.limits.name_chars_max, " characters");
}

// Where kinds differ, the order of kinds decides.
std::pair<int, double> SortNumber(const Value& value) {
  switch (value.kind_case()) {
    case Value::kBoolValue:
      return {0, value.bool_value() ? 1 : 0};
    case Value::kNumberValue:
      return {0, value.number_value()};
    case Value::kStringValue:
      return {1, 0};
    case Value::kListValue:
      return {2, 0};
    default:
      return {3, 0};  // No value is the same as no other.
  }
}

}  // namespace

std::string WhyNoPropValue(const ReadContext& context, const Value& value) {
  switch (value.kind_case()) {
    case Value::kBoolValue:
      return "";
    case Value::kNumberValue:
      if (!std::isfinite(value.number_value())) return "is no finite number";
      if (std::abs(value.number_value()) <= kNumberMax) return "";
      return "a number must be within 2^53 either way";
    case Value::kStringValue:
      return WhyNoText(context, value.string_value());
    case Value::kListValue:
      if (value.list_value().values_size() > kListMax)
        return absl::StrCat("a list must have at most ", kListMax, " items");
      for (const Value& item : value.list_value().values()) {
        if (!item.has_string_value()) return "a list must hold texts alone";
        std::string reason = WhyNoText(context, item.string_value());
        if (!reason.empty()) return reason;
      }
      return "";
    default:
      return "must be a number, a text, a boolean or a list of texts";
  }
}

bool IsEmptyValue(const Value& value) {
  switch (value.kind_case()) {
    case Value::kStringValue:
      return value.string_value().empty();
    case Value::kListValue:
      return value.list_value().values_size() == 0;
    case Value::kBoolValue:
    case Value::kNumberValue:
    case Value::kStructValue:
      return false;
    default:
      return true;
  }
}

std::optional<double> NumberOf(const Value& value) {
  if (value.has_number_value()) return value.number_value();
  double number = 0;
  if (value.has_string_value() &&
      absl::SimpleAtod(value.string_value(), &number) &&
      std::isfinite(number)) {
    return number;
  }
  return std::nullopt;
}

std::optional<absl::Time> TimeOf(const Value& value) {
  if (!value.has_string_value()) return std::nullopt;
  for (const char* format : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"}) {
    absl::Time time;
    std::string error;
    if (absl::ParseTime(format, value.string_value(), absl::UTCTimeZone(),
                        &time, &error)) {
      return time;
    }
  }
  return std::nullopt;
}

bool SameValue(const Value& a, const Value& b) {
  return !ValueLess(a, b) && !ValueLess(b, a) &&
         a.has_bool_value() == b.has_bool_value();
}

bool ValueLess(const Value& a, const Value& b) {
  const auto number_a = SortNumber(a);
  const auto number_b = SortNumber(b);
  if (number_a != number_b) return number_a < number_b;
  if (a.has_string_value()) return a.string_value() < b.string_value();
  if (!a.has_list_value() || !b.has_list_value()) return false;
  const auto& items_a = a.list_value().values();
  const auto& items_b = b.list_value().values();
  return std::lexicographical_compare(items_a.begin(), items_a.end(),
                                      items_b.begin(), items_b.end(),
                                      ValueLess);
}

}  // namespace chatgate::platform
