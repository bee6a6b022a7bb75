#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/platform/methods.h"
#include "server/platform/prop_operation.h"
#include "server/platform/prop_values.h"
#include "server/platform/sql.h"
#include "server/platform/user_row.h"
#include "server/platform/user_view.h"

namespace chatgate::platform {

namespace {

using ::google::protobuf::Value;

// The properties of one lead while operations run over them.
class PropWriter {
 public:
  PropWriter(WriteContext& context, UserRow user)
      : context_(context), user_(std::move(user)) {}

  // The value of a key; null where the lead has none.
  absl::StatusOr<Value> Get(const std::string& key) {
    return ReadProp(context_, user_, key);
  }

  absl::Status Set(const std::string& key, const Value& value) {
    if (key == "$user_id") return SetSiteId(value.string_value());
    sum_ = after_;
    const std::string bytes = value.SerializeAsString();
    ASSIGN_OR_RETURN(Statement set, context_.Prepare(kSetProp));
    set.Bind(0, user_.row);
    set.Bind(1, key);
    set.BindBlob(2, bytes);
    return set.Run();
  }

  absl::Status Delete(const std::string& key) {
    if (key == "$user_id") return SetSiteId("");
    sum_.reset();
    ASSIGN_OR_RETURN(Statement remove, context_.Prepare(kDeleteProp));
    remove.Bind(0, user_.row);
    remove.Bind(1, key);
    return remove.Run();
  }

  // Why the change of a key may not be made; empty when it may.
  absl::StatusOr<std::string> WhyNot(const std::string& key,
                                     const Value& before, const Value& after) {
    if (after.has_null_value()) return "";
    if (key == "$user_id") {
      if (!after.has_string_value()) return "$user_id must be a text";
      ASSIGN_OR_RETURN(const std::optional<UserRow> holder,
                       FindUserBySiteId(context_, after.string_value()));
      if (holder.has_value()) return "another user has this id already";
      return "";
    }
    ASSIGN_OR_RETURN(after_, SumUp());
    const bool added = before.has_null_value();
    if (added && after_.count >= context_.limits.props_max) {
      return absl::StrCat("the user has ", context_.limits.props_max,
                          " properties already");
    }
    // What a read of the whole lead must fit into.
    after_.bytes += after.ByteSizeLong();
    if (added) {
      ++after_.count;
      after_.bytes += key.size();
    } else {
      after_.bytes -= before.ByteSizeLong();
    }
    if (after_.bytes <= context_.limits.props_bytes_max) return "";
    return absl::StrCat("the user's properties have at most ",
                        context_.limits.props_bytes_max, " bytes in all");
  }

  // After the last operation: a name, an address or an id makes a lead.
  absl::Status Finish() {
    ASSIGN_OR_RETURN(Statement lead, context_.Prepare(kSetLead));
    lead.Bind(0, user_.row);
    return lead.Run();
  }

 private:
  struct Sum {
    size_t count = 0;
    size_t bytes = 0;
  };

  absl::StatusOr<Sum> SumUp() {
    if (sum_.has_value()) return *sum_;
    ASSIGN_OR_RETURN(Statement sum, context_.Prepare(kSumProps));
    sum.Bind(0, user_.row);
    RETURN_IF_ERROR(sum.Step().status());
    sum_ = Sum{static_cast<size_t>(sum.Int(0)),
               sum.IsNull(1) ? 0 : static_cast<size_t>(sum.Int(1))};
    return *sum_;
  }

  absl::Status SetSiteId(const std::string& site_id) {
    ASSIGN_OR_RETURN(Statement set, context_.Prepare(kSetSiteId));
    if (site_id.empty()) {
      set.BindNull(0);
      user_.site_id.reset();
    } else {
      set.Bind(0, site_id);
      user_.site_id = site_id;
    }
    set.Bind(1, user_.row);
    return set.Run();
  }

  WriteContext& context_;
  UserRow user_;
  std::optional<Sum> sum_;  // Of what is stored, once it was needed.
  Sum after_;               // With the change that was asked about last.
};

void AddName(const std::string& name,
             google::protobuf::RepeatedPtrField<std::string>* names) {
  for (const std::string& known : *names) {
    if (known == name) return;
  }
  *names->Add() = name;
}

absl::Status RunOperation(const ReadContext& context, PropWriter& props,
                          const v1::PropOperation& operation,
                          v1::SetUserPropsResponse* response) {
  const std::string& key = operation.key();
  PropOutcome outcome;
  outcome.reason = WhyNoKey(context, key);
  Value before;
  if (outcome.reason.empty()) {
    ASSIGN_OR_RETURN(before, props.Get(key));
    outcome = ApplyOperation(context, operation, before);
  }
  const bool changed =
      outcome.reason.empty() && !SameValue(before, outcome.value);
  if (changed) {
    ASSIGN_OR_RETURN(outcome.reason, props.WhyNot(key, before, outcome.value));
  }
  if (!outcome.reason.empty()) {
    v1::IgnoredOperation& ignored = *response->add_ignored_operations();
    ignored.set_op(operation.op());
    ignored.set_key(key);
    if (operation.has_value()) *ignored.mutable_value() = operation.value();
    ignored.set_reason(outcome.reason);
    return absl::OkStatus();
  }
  if (!changed) {
    AddName(key, response->mutable_not_changed_props());
    return absl::OkStatus();
  }
  AddName(key, response->mutable_affected_props());
  return outcome.value.has_null_value() ? props.Delete(key)
                                        : props.Set(key, outcome.value);
}

}  // namespace

absl::Status SetUserProps(WriteContext& context,
                          const v1::SetUserPropsRequest& request,
                          v1::SetUserPropsResponse* response) {
  if (request.operations_size() == 0)
    return InvalidField("operations", "is required");
  if (request.operations_size() >
      static_cast<int>(context.limits.operations_max)) {
    return InvalidField(
        "operations",
        absl::StrCat("must be at most ", context.limits.operations_max));
  }
  ASSIGN_OR_RETURN(
      const UserRow user,
      FindOrCreateUser(context, request.user_id(), request.by_user_id()));
  response->set_id(user.id);
  response->set_app(context.app.id);
  PropWriter props(context, user);
  for (const v1::PropOperation& operation : request.operations())
    RETURN_IF_ERROR(RunOperation(context, props, operation, response));
  return props.Finish();
}

}  // namespace chatgate::platform
