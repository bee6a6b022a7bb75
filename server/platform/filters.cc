#include "server/platform/filters.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/platform/arguments.h"
#include "server/platform/prop_values.h"
#include "server/platform/user_view.h"

namespace chatgate::platform {

namespace {

using ::google::protobuf::Value;

constexpr double kDaysMax = 36'500;  // A century, so that no time overflows.

// What a condition compares with.
enum class Operand { kNone, kNumber, kRange, kText, kAge };

struct FilterType {
  absl::string_view name;
  Operand operand;
};

constexpr FilterType kFilterTypes[] = {
    {"known", Operand::kNone},
    {"unknown", Operand::kNone},
    {"bool_true", Operand::kNone},
    {"bool_false", Operand::kNone},
    {"gt", Operand::kNumber},
    {"gt_or_unknown", Operand::kNumber},
    {"lt", Operand::kNumber},
    {"lt_or_unknown", Operand::kNumber},
    {"eq", Operand::kNumber},
    {"neq", Operand::kNumber},
    {"range", Operand::kRange},
    {"str_eq", Operand::kText},
    {"str_neq", Operand::kText},
    {"str_contains", Operand::kText},
    {"str_notcontains", Operand::kText},
    {"lcontains", Operand::kText},
    {"daysmore", Operand::kAge},
    {"daysmore_or_unknown", Operand::kAge},
    {"daysless", Operand::kAge},
    {"daysless_or_unknown", Operand::kAge},
};

const FilterType* FindType(absl::string_view name) {
  for (const FilterType& type : kFilterTypes) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

std::string NamesOfTypes() {
  return absl::StrJoin(kFilterTypes, ", ",
                       [](std::string* out, const FilterType& type) {
                         absl::StrAppend(out, "`", type.name, "`");
                       });
}

std::optional<absl::Duration> UnitOf(const std::string& unit) {
  if (unit.empty() || unit == "days") return absl::Hours(24);
  if (unit == "minutes") return absl::Minutes(1);
  if (unit == "hours") return absl::Hours(1);
  if (unit == "weeks") return absl::Hours(24 * 7);
  return std::nullopt;
}

std::optional<absl::Duration> AgeOf(const v1::UserFilterValue& value) {
  const std::optional<double> number = NumberOf(value.value());
  const std::optional<absl::Duration> unit = UnitOf(value.unit());
  if (!number.has_value() || !unit.has_value()) return std::nullopt;
  const absl::Duration age = *unit * *number;
  if (age < absl::ZeroDuration() || age > absl::Hours(24) * kDaysMax)
    return std::nullopt;
  return age;
}

// Why the operand does not go with the type; empty when it does.
std::string WhyNoOperand(Operand operand, const v1::UserFilterValue& value) {
  switch (operand) {
    case Operand::kNone:
      return "";
    case Operand::kNumber:
      return NumberOf(value.value()) ? "" : "must hold a number in `value`";
    case Operand::kRange:
      return NumberOf(value.value1()) && NumberOf(value.value2())
                 ? ""
                 : "must hold numbers in `value1` and `value2`";
    case Operand::kText:
      return value.value().has_string_value() ||
                     value.value().has_number_value()
                 ? ""
                 : "must hold a text in `value`";
    case Operand::kAge:
      return AgeOf(value) ? ""
                          : "must hold a number of at most 100 years in "
                            "`value`, and minutes, hours, days or weeks in "
                            "`unit`";
  }
  return "";
}

// Types without `_or_unknown` are false for a value that is not there or of
// another type, but for the negative ones.
bool MatchesNumber(absl::string_view type, const v1::UserFilterValue& filter,
                   const Value& value) {
  const std::optional<double> number = NumberOf(value);
  if (!number.has_value()) return type == "neq";
  if (type == "range") {
    return *number >= *NumberOf(filter.value1()) &&
           *number <= *NumberOf(filter.value2());
  }
  const double operand = *NumberOf(filter.value());
  if (type == "gt") return *number > operand;
  if (type == "lt") return *number < operand;
  return (*number == operand) == (type == "eq");
}

bool MatchesText(absl::string_view type, const Value& filter,
                 const Value& value) {
  const std::string operand = PropText(filter);
  if (type == "lcontains") {
    const auto& items = value.list_value().values();
    return std::any_of(items.begin(), items.end(), [&](const Value& item) {
      return item.string_value() == operand;
    });
  }
  const bool known = !value.has_null_value();
  const std::string text = PropText(value);
  if (type == "str_eq") return known && text == operand;
  if (type == "str_neq") return !known || text != operand;
  const bool contains = known && absl::StrContains(text, operand);
  return contains == (type == "str_contains");
}

// `daysmore`: longer ago than. `daysless`: not as long ago.
bool MatchesAge(absl::string_view type, absl::Duration age, const Value& value,
                absl::Time now) {
  const std::optional<absl::Time> time = TimeOf(value);
  if (!time.has_value()) return false;
  return type == "daysmore" ? *time < now - age : *time >= now - age;
}

bool MatchesOne(const v1::UserFilter& filter, const Value& value,
                absl::Time now) {
  absl::string_view type = filter.type();
  if (type == "known") return !value.has_null_value();
  if (type == "unknown") return value.has_null_value();
  if (type == "bool_true") return value.bool_value();
  if (type == "bool_false")
    return value.has_bool_value() && !value.bool_value();
  const Operand operand = FindType(type)->operand;
  if (absl::ConsumeSuffix(&type, "_or_unknown") && value.has_null_value())
    return true;
  switch (operand) {
    case Operand::kText:
      return MatchesText(type, filter.value().value(), value);
    case Operand::kAge:
      return MatchesAge(type, *AgeOf(filter.value()), value, now);
    default:
      return MatchesNumber(type, filter.value(), value);
  }
}

}  // namespace

absl::StatusOr<LeadFilter> LeadFilter::Build(const ReadContext& context,
                                             const v1::UserFilters& filters) {
  if (!filters.type().empty() && filters.type() != "and" &&
      filters.type() != "or") {
    return InvalidField("filters.type", "must be `and` or `or`");
  }
  if (filters.filters_size() > static_cast<int>(context.limits.filters_max)) {
    return InvalidField(
        "filters.filters",
        absl::StrCat("must be at most ", context.limits.filters_max));
  }
  for (int i = 0; i < filters.filters_size(); ++i) {
    const v1::UserFilter& filter = filters.filters(i);
    const std::string field = absl::StrCat("filters.filters[", i, "]");
    const FilterType* type = FindType(filter.type());
    if (type == nullptr) {
      return InvalidField(field + ".type",
                          absl::StrCat("must be one of ", NamesOfTypes()));
    }
    RETURN_IF_ERROR(CheckText(field + ".property_name", filter.property_name(),
                              1, context.limits.name_chars_max));
    const std::string reason = WhyNoOperand(type->operand, filter.value());
    if (!reason.empty()) return InvalidField(field + ".value", reason);
  }
  return LeadFilter(filters, context.now);
}

std::vector<std::string> LeadFilter::keys() const {
  std::vector<std::string> keys;
  for (const v1::UserFilter& filter : filters_.filters())
    keys.push_back(filter.property_name());
  return keys;
}

bool LeadFilter::Matches(const std::vector<Value>& values) const {
  const bool any = filters_.type() == "or";
  if (empty()) return true;
  for (int i = 0; i < filters_.filters_size(); ++i) {
    const bool matches =
        MatchesOne(filters_.filters(i), values[static_cast<size_t>(i)], now_);
    if (matches == any) return any;
  }
  return !any;
}

}  // namespace chatgate::platform
