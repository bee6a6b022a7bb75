#ifndef CHATGATE_SERVER_CONFIG_CONFIG_NODE_H_
#define CHATGATE_SERVER_CONFIG_CONFIG_NODE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"

namespace chatgate {

// What is wrong with a configuration, each as `FILE:LINE:COLUMN: REASON`.
using Problems = std::vector<std::string>;

// ConfigNode is a place in a configuration file: it knows the line of a message
// and of the fields in it. Of a field that is not there it gives the line of
// the message that lacks it.
//
//   node.Field("apps", 1).Field("name").Complain("is required", &problems);
//
// Lifetime: the tree of the parser outlives it.
class ConfigNode {
 public:
  using Tree = google::protobuf::TextFormat::ParseInfoTree;

  // The top of a file. A null tree: a configuration that came from no file.
  ConfigNode(std::string file, const google::protobuf::Descriptor* type,
             const Tree* tree);

  // A field; `index` counts in a repeated one.
  ConfigNode Field(const std::string& name, int index = -1) const;

  void Complain(absl::string_view reason, Problems* problems) const;

 private:
  std::string file_;
  const google::protobuf::Descriptor* type_;  // Null for what is no message.
  const Tree* tree_;                          // Null for what is not there.
  int line_ = 0;
  int column_ = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_CONFIG_CONFIG_NODE_H_
