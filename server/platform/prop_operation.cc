#include "server/platform/prop_operation.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/platform/arguments.h"
#include "server/platform/prop_values.h"
#include "server/platform/user_view.h"

namespace chatgate::platform {

namespace {

using ::google::protobuf::Value;

// The system properties that a caller may set, sorted.
constexpr absl::string_view kSystemKeys[] = {"$avatar",
                                             "$cart_amount",
                                             "$cart_items",
                                             "$city",
                                             "$country",
                                             "$discount",
                                             "$email",
                                             "$group",
                                             "$initial_referrer",
                                             "$last_order_status",
                                             "$last_payment",
                                             "$name",
                                             "$ordered_categories",
                                             "$ordered_items",
                                             "$orders_count",
                                             "$phone",
                                             "$profit",
                                             "$region",
                                             "$revenue",
                                             "$sessions",
                                             "$user_id",
                                             "$viewed_categories",
                                             "$viewed_products"};

PropOutcome Ignore(std::string reason) { return {std::move(reason), {}}; }
PropOutcome Keep(const Value& before) { return {"", before}; }

PropOutcome Become(const ReadContext& context, Value value) {
  std::string reason = WhyNoPropValue(context, value);
  return {std::move(reason), std::move(value)};
}

PropOutcome Nothing() {
  PropOutcome outcome;
  outcome.value.set_null_value(google::protobuf::NULL_VALUE);
  return outcome;
}

bool OnlyDigits(const Value& value) {
  if (value.has_number_value()) return value.number_value() >= 0;
  const std::string& text = value.string_value();
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

PropOutcome Add(const ReadContext& context, const Value& operand,
                const Value& before) {
  const std::optional<double> by = NumberOf(operand);
  if (!by.has_value()) return Ignore("the value must be a number");
  double sum = *by;
  if (!before.has_null_value()) {
    const std::optional<double> old = NumberOf(before);
    if (!old.has_value()) return Ignore("the property is no number");
    sum += *old;
  }
  Value value;
  value.set_number_value(sum);
  return Become(context, std::move(value));
}

// What `append`, `union` and `exclude` go over: a list, or a single text.
std::optional<std::vector<std::string>> Items(const Value& value) {
  std::vector<std::string> items;
  if (!value.has_list_value()) {
    if (value.has_struct_value() || value.has_null_value()) return std::nullopt;
    items.push_back(PropText(value));
    return items;
  }
  for (const Value& item : value.list_value().values()) {
    if (item.has_list_value() || item.has_struct_value()) return std::nullopt;
    items.push_back(PropText(item));
  }
  return items;
}

PropOutcome ChangeList(const ReadContext& context, const std::string& op,
                       const Value& operand, const Value& before) {
  const auto items = Items(operand);
  if (!items.has_value()) return Ignore("the value must be a text or a list");
  if (!before.has_null_value() && !before.has_list_value())
    return Ignore("the property is no list");
  if (op == "exclude" && before.has_null_value()) return Keep(before);

  Value value;
  auto* list = value.mutable_list_value()->mutable_values();
  const auto holds = [list](const std::string& text) {
    return std::any_of(list->begin(), list->end(), [&text](const Value& item) {
      return item.string_value() == text;
    });
  };
  for (const Value& item : before.list_value().values()) {
    const bool excluded =
        op == "exclude" && std::find(items->begin(), items->end(),
                                     item.string_value()) != items->end();
    if (!excluded) *list->Add() = item;
  }
  if (op == "exclude") return {"", std::move(value)};
  for (const std::string& item : *items) {
    if (op == "append" || !holds(item)) list->Add()->set_string_value(item);
  }
  return Become(context, std::move(value));
}

}  // namespace

std::string WhyNoKey(const ReadContext& context, absl::string_view key) {
  if (!CheckText("key", key, 1, context.limits.name_chars_max).ok()) {
    return absl::StrCat("the key must be 1 to ", context.limits.name_chars_max,
                        " characters of UTF-8");
  }
  if (!absl::StartsWith(key, "$")) return "";
  if (std::find(std::begin(kSystemKeys), std::end(kSystemKeys), key) !=
      std::end(kSystemKeys)) {
    return "";
  }
  if (IsKeptProp(key)) return "the platform keeps this property itself";
  return "no such system property";
}

PropOutcome ApplyOperation(const ReadContext& context,
                           const v1::PropOperation& operation,
                           const Value& before) {
  const std::string& op = operation.op();
  const Value& operand = operation.value();
  if (op == "delete") return Nothing();  // The value does not matter.
  if (IsEmptyValue(operand)) return Ignore("the value is empty");
  // Seen on the live service: a phone that is not digits alone changes nothing.
  if (operation.key() == "$phone" && !OnlyDigits(operand)) return Keep(before);

  if (op == "update_or_create") return Become(context, operand);
  if (op == "set_once") {
    if (!before.has_null_value()) return Ignore("the property is set already");
    return Become(context, operand);
  }
  if (op == "add") return Add(context, operand, before);
  if (op == "append" || op == "union" || op == "exclude")
    return ChangeList(context, op, operand, before);
  return Ignore("no such operation");
}

}  // namespace chatgate::platform
