#include "server/json/message_plan.h"

#include <memory>

#include "chatgate/v1/options.pb.h"
#include "server/base/mutex.h"

namespace chatgate {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr char kUnknownField[] = "unknown_fields_json";

JsonShape ShapeOf(const FieldDescriptor& field) {
  const Descriptor* type = field.message_type();
  if (type == nullptr) return JsonShape::kScalar;
  if (type->full_name() == "google.protobuf.Struct") return JsonShape::kStruct;
  if (type->full_name() == "google.protobuf.Value") return JsonShape::kValue;
  if (type->full_name() == "google.protobuf.ListValue") {
    return JsonShape::kListValue;
  }
  if (type->full_name() == "google.protobuf.Timestamp") {
    return JsonShape::kTimestamp;
  }
  return type->options().GetExtension(v1::union_) ? JsonShape::kUnion
                                                  : JsonShape::kMessage;
}

// Every plan made so far. Plans point to each other, so they never move.
class PlanCache {
 public:
  const MessagePlan& Get(const Descriptor* descriptor)
      ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return *Find(descriptor);
  }

 private:
  const MessagePlan* Find(const Descriptor* descriptor)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    std::unique_ptr<MessagePlan>& plan = plans_[descriptor];
    if (plan != nullptr) return plan.get();
    plan = std::make_unique<MessagePlan>();
    MessagePlan* made = plan.get();  // `plan` moves when the map grows.
    Fill(descriptor, made);
    return made;
  }

  void Fill(const Descriptor* descriptor, MessagePlan* plan)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    plan->descriptor = descriptor;
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const FieldDescriptor* field = descriptor->field(i);
      if (field->is_map()) continue;
      if (field->name() == kUnknownField) {
        plan->unknown = field;
      } else {
        plan->fields.push_back(PlanField(field));
      }
    }
    for (size_t i = 0; i < plan->fields.size(); ++i) {
      const FieldPlan& field = plan->fields[i];
      plan->by_name.emplace(field.name, i);
      const FieldPlan*& member = field.shape == JsonShape::kScalar
                                     ? plan->scalar_member
                                     : plan->message_member;
      if (member == nullptr) member = &field;
    }
  }

  FieldPlan PlanField(const FieldDescriptor* field)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const v1::RestParam& param = field->options().GetExtension(v1::param);
    FieldPlan plan;
    plan.field = field;
    plan.shape = ShapeOf(*field);
    plan.name = param.name().empty() ? field->name() : param.name();
    plan.is_id =
        field->cpp_type() == FieldDescriptor::CPPTYPE_UINT64 &&
        field->options().jstype() == google::protobuf::FieldOptions::JS_STRING;
    plan.json = param.json();
    plan.comma = param.comma();
    plan.local = param.local();
    plan.always = param.always();
    if (plan.shape == JsonShape::kMessage || plan.shape == JsonShape::kUnion) {
      plan.message = Find(field->message_type());
    }
    return plan;
  }

  Mutex mu_;
  absl::flat_hash_map<const Descriptor*, std::unique_ptr<MessagePlan>> plans_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace

const MessagePlan& PlanOf(const Descriptor* descriptor) {
  // Never destroyed: a thread may still read while the program ends.
  static PlanCache& cache = *new PlanCache();
  return cache.Get(descriptor);
}

}  // namespace chatgate
