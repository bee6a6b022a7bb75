#include "tests/json/random_message.h"

#include <cmath>
#include <limits>
#include <string>

#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Value;

constexpr int kDepthMax = 4;

uint64_t Below(std::mt19937_64& random, uint64_t end) { return random() % end; }
bool OneIn(std::mt19937_64& random, uint64_t n) {
  return Below(random, n) == 0;
}

std::string RandomText(std::mt19937_64& random) {
  static const char* const kPieces[] = {
      "a",  "Z",      "7",    " ",    "\"",   "\\",  "/",
      "\n", "\t",     "\x01", "\x7F", "é",    "Я",   "€",
      "😀",  "\uFFFD", "{",    "}",    "[",    "]",   ",",
      ":",  "&",      "=",    "\\u",  "null", "1.0", "\xF4\x8F\xBF\xBF"};
  std::string text;
  for (uint64_t i = Below(random, 8); i > 0; --i) {
    text += kPieces[Below(random, std::size(kPieces))];
  }
  return text;
}

template <typename T>
T RandomInteger(std::mt19937_64& random) {
  switch (Below(random, 4)) {
    case 0:
      return std::numeric_limits<T>::max();
    case 1:
      return std::numeric_limits<T>::min();
    case 2:
      return static_cast<T>(Below(random, 100));
    default:
      return static_cast<T>(random());
  }
}

double RandomDouble(std::mt19937_64& random) {
  static const double kDoubles[] = {0,     -0.0, 1,      -1,  1.5,
                                    1e300, 1e18, 1e-300, 0.1, 9007199254740992};
  return OneIn(random, 2)
             ? kDoubles[Below(random, std::size(kDoubles))]
             : std::ldexp(static_cast<double>(random()),
                          static_cast<int>(Below(random, 200)) - 100);
}

void FillStruct(std::mt19937_64& random, google::protobuf::Struct* out,
                int depth);

// A null stands only inside a Struct or a list: a null field is an unset one.
void FillValue(std::mt19937_64& random, Value* out, int depth) {
  switch (Below(random, depth == 0 || depth > kDepthMax ? 3 : 6)) {
    case 0:
      return out->set_number_value(RandomDouble(random));
    case 1:
      return out->set_string_value(RandomText(random));
    case 2:
      return out->set_bool_value(OneIn(random, 2));
    case 3:
      return out->set_null_value(google::protobuf::NULL_VALUE);
    case 4:
      return FillStruct(random, out->mutable_struct_value(), depth + 1);
    default:
      out->mutable_list_value();
      for (uint64_t i = Below(random, 3); i > 0; --i) {
        FillValue(random, out->mutable_list_value()->add_values(), depth + 1);
      }
  }
}

void FillStruct(std::mt19937_64& random, google::protobuf::Struct* out,
                int depth) {
  for (uint64_t i = Below(random, 4); i > 0; --i) {
    FillValue(random, &(*out->mutable_fields())[RandomText(random)], depth + 1);
  }
}

void FillMessage(std::mt19937_64& random, const FieldDescriptor* field,
                 Message* message, int depth) {
  using google::protobuf::DynamicCastToGenerated;
  if (auto* any = DynamicCastToGenerated<google::protobuf::Struct>(message)) {
    return FillStruct(random, any, 0);
  }
  if (auto* value = DynamicCastToGenerated<Value>(message)) {
    return FillValue(random, value, 0);
  }
  if (auto* time =
          DynamicCastToGenerated<google::protobuf::Timestamp>(message)) {
    time->set_seconds(static_cast<int64_t>(Below(random, 300'000'000'000)) -
                      60'000'000'000);
    time->set_nanos(static_cast<int32_t>(Below(random, 1'000'000'000)));
    return;
  }
  FillRandomly(random, message, depth + 1);
  // The platform tells the two kinds of object sender apart by their type.
  const FieldDescriptor* type =
      message->GetDescriptor()->FindFieldByName("type");
  if (type != nullptr && field->name() == "message_sender") {
    message->GetReflection()->SetString(message, type, "message_sender");
  }
}

#define CHATGATE_PUT(Name, value)                                        \
  (field->is_repeated() ? reflection->Add##Name(message, field, (value)) \
                        : reflection->Set##Name(message, field, (value)))

void FillField(std::mt19937_64& random, const FieldDescriptor* field,
               Message* message, int depth) {
  const auto* reflection = message->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return CHATGATE_PUT(Int32, RandomInteger<int32_t>(random));
    case FieldDescriptor::CPPTYPE_INT64:
      return CHATGATE_PUT(Int64, RandomInteger<int64_t>(random));
    case FieldDescriptor::CPPTYPE_UINT32:
      return CHATGATE_PUT(UInt32, RandomInteger<uint32_t>(random));
    case FieldDescriptor::CPPTYPE_UINT64:
      return CHATGATE_PUT(UInt64, RandomInteger<uint64_t>(random));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return CHATGATE_PUT(Double, RandomDouble(random));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return CHATGATE_PUT(Float, 1.5F);
    case FieldDescriptor::CPPTYPE_BOOL:
      return CHATGATE_PUT(Bool, OneIn(random, 2));
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* type = field->enum_type();
      return CHATGATE_PUT(
          Enum, type->value(static_cast<int>(Below(
                    random, static_cast<uint64_t>(type->value_count())))));
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return CHATGATE_PUT(String, RandomText(random));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return FillMessage(random, field,
                         field->is_repeated()
                             ? reflection->AddMessage(message, field)
                             : reflection->MutableMessage(message, field),
                         depth);
  }
}

#undef CHATGATE_PUT

}  // namespace

void FillRandomly(std::mt19937_64& random, Message* message, int depth) {
  const auto* descriptor = message->GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (field->name() == "unknown_fields_json") {
      if (OneIn(random, 3)) {
        message->GetReflection()->SetString(
            message, field, R"({"zz\n":1.10,"é":[null,{"a":"\"\\😀"}],"x":-0})");
      }
      continue;
    }
    if (field->real_containing_oneof() != nullptr) continue;
    if (field->message_type() != nullptr && depth >= kDepthMax) continue;
    if (!OneIn(random, 2)) continue;
    const uint64_t count = field->is_repeated() ? Below(random, 3) : 1;
    for (uint64_t n = 0; n < count; ++n)
      FillField(random, field, message, depth);
  }
  for (int i = 0; i < descriptor->real_oneof_decl_count(); ++i) {
    const auto* oneof = descriptor->oneof_decl(i);
    const auto member = static_cast<int>(
        Below(random, static_cast<uint64_t>(oneof->field_count())));
    FillField(random, oneof->field(member), message, depth);
  }
}

}  // namespace chatgate
