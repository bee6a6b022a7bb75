#ifndef CHATGATE_SERVER_REST_CODEC_REST_METHOD_H_
#define CHATGATE_SERVER_REST_CODEC_REST_METHOD_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "server/backend/method_table.h"

namespace chatgate {

// A field of a request or a response under its name on the wire.
struct RestField {
  explicit RestField(const google::protobuf::FieldDescriptor* field);

  const google::protobuf::FieldDescriptor* field;
  const v1::RestParam* param;  // Never null; belongs to the descriptor.
  std::string name;
};

// A piece of a path between slashes: a word, or a hole that a field fills.
struct PathPiece {
  std::string word;
  const google::protobuf::FieldDescriptor* hole = nullptr;
};

// What the codec needs of a mirrored method, looked up once.
//
// Lifetime: `method` and the generated descriptors outlive it. Immutable.
class RestMethod {
 public:
  explicit RestMethod(const Method& method);

  const Method& method() const { return *method_; }
  const std::vector<PathPiece>& path() const { return path_; }

  // Fields of the request that are arguments: neither holes nor local.
  const std::vector<RestField>& arguments() const { return arguments_; }

  // The field of the response that is the envelope's `data`; null where the
  // response itself is.
  const google::protobuf::FieldDescriptor* data() const { return data_; }
  // Fields of the response that stand in `meta`.
  const std::vector<RestField>& meta() const { return meta_; }
  // Fields that stand inside the object `data`, beside those of `data()`.
  const std::vector<RestField>& beside() const { return beside_; }

  // `path` of a field violation (`page_size`, `operations[3].key`) in the names
  // of the wire.
  std::string WireName(absl::string_view path) const;
  // And back.
  std::string FieldName(absl::string_view path) const;

 private:
  const Method* method_;
  std::vector<PathPiece> path_;
  std::vector<RestField> arguments_;
  const google::protobuf::FieldDescriptor* data_ = nullptr;
  std::vector<RestField> meta_;
  std::vector<RestField> beside_;
};

// A page token, whose text stands on the wire as a number where it is one.
bool IsPageToken(const google::protobuf::FieldDescriptor& field);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_REST_CODEC_REST_METHOD_H_
