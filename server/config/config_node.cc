#include "server/config/config_node.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace chatgate {

using google::protobuf::FieldDescriptor;
using google::protobuf::TextFormat;

ConfigNode::ConfigNode(std::string file,
                       const google::protobuf::Descriptor* type,
                       const Tree* tree)
    : file_(std::move(file)), type_(type), tree_(tree) {}

ConfigNode ConfigNode::Field(const std::string& name, int index) const {
  ConfigNode node = *this;
  const FieldDescriptor* field = type_->FindFieldByName(name);
  node.type_ = field->message_type();
  node.tree_ = nullptr;
  if (tree_ == nullptr) return node;
  const TextFormat::ParseLocation location = tree_->GetLocation(field, index);
  if (location.line < 0) return node;
  node.line_ = location.line;
  node.column_ = location.column;
  if (node.type_ != nullptr) {
    node.tree_ = tree_->GetTreeForNested(field, index);
  }
  return node;
}

void ConfigNode::Complain(absl::string_view reason, Problems* problems) const {
  problems->push_back(
      absl::StrCat(file_, ":", line_ + 1, ":", column_ + 1, ": ", reason));
}

}  // namespace chatgate
