#include "server/rest_codec/rest_method.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "chatgate/v1/options.pb.h"

namespace chatgate {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

PathPiece ReadPiece(absl::string_view text, const Descriptor& request) {
  PathPiece piece;
  if (absl::ConsumePrefix(&text, "{") && absl::ConsumeSuffix(&text, "}")) {
    piece.hole = request.FindFieldByName(std::string(text));
  }
  piece.word = std::string(text);
  return piece;
}

size_t FirstNameEnd(absl::string_view path) {
  return std::min(path.find_first_of(".["), path.size());
}

}  // namespace

RestField::RestField(const FieldDescriptor* field)
    : field(field),
      param(&field->options().GetExtension(v1::param)),
      name(param->name().empty() ? field->name() : param->name()) {}

RestMethod::RestMethod(const Method& method) : method_(&method) {
  const Descriptor& request = *method.descriptor->input_type();
  for (absl::string_view text : absl::StrSplit(method.rest.path(), '/')) {
    path_.push_back(ReadPiece(text, request));
  }
  for (int i = 0; i < request.field_count(); ++i) {
    RestField field(request.field(i));
    const bool hole = std::any_of(
        path_.begin(), path_.end(),
        [&](const PathPiece& piece) { return piece.hole == field.field; });
    if (!hole && !field.param->local()) arguments_.push_back(std::move(field));
  }

  const Descriptor& response = *method.descriptor->output_type();
  data_ = response.FindFieldByName(method.rest.data());
  for (int i = 0; i < response.field_count(); ++i) {
    RestField field(response.field(i));
    if (field.param->meta()) {
      meta_.push_back(std::move(field));
    } else if (data_ != nullptr && field.field != data_) {
      beside_.push_back(std::move(field));
    }
  }
}

std::string RestMethod::WireName(absl::string_view path) const {
  const size_t end = FirstNameEnd(path);
  for (const RestField& argument : arguments_) {
    if (argument.field->name() == path.substr(0, end)) {
      return absl::StrCat(argument.name, path.substr(end));
    }
  }
  return std::string(path);
}

std::string RestMethod::FieldName(absl::string_view path) const {
  const size_t end = FirstNameEnd(path);
  for (const RestField& argument : arguments_) {
    if (argument.name == path.substr(0, end)) {
      return absl::StrCat(argument.field->name(), path.substr(end));
    }
  }
  return std::string(path);
}

bool IsPageToken(const FieldDescriptor& field) {
  return field.name() == "page_token" || field.name() == "next_page_token";
}

}  // namespace chatgate
