#include "server/rest_codec/request_reader.h"

#include <utility>

#include "server/backend/error_table.h"
#include "server/rest_codec/argument_reader.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

class Reader {
 public:
  Reader(Message* request, std::vector<FieldViolation>* violations)
      : request_(request), violations_(violations) {}

  void ReadScalar(absl::string_view text, const RestField& field) {
    Note(field, ReadScalarArgument(text, field, request_));
  }

  void ReadArgument(const RestArguments& arguments, const RestField& field) {
    const RestArgument* last = nullptr;
    for (const RestArgument& argument : arguments) {
      if (argument.name != field.name) continue;
      last = &argument;
      if (field.param->comma()) {
        Note(field, ReadWordsArgument(argument, field, request_));
      }
    }
    if (last == nullptr || field.param->comma()) return;
    if (field.param->json()) {
      ReadJsonArgument(*last, field, request_, violations_);
    } else if (last->native) {
      Note(field, "must be text, a number or a boolean");
    } else {
      ReadScalar(last->value, field);
    }
  }

 private:
  void Note(const RestField& field, std::string reason) {
    if (!reason.empty())
      violations_->push_back({field.name, std::move(reason)});
  }

  Message* request_;
  std::vector<FieldViolation>* violations_;
};

}  // namespace

absl::Status ReadRequest(const RestMethod& method,
                         const std::vector<std::string>& holes,
                         const RestArguments& arguments, Message* request) {
  std::vector<FieldViolation> violations;
  Reader reader(request, &violations);
  size_t next_hole = 0;
  for (const PathPiece& piece : method.path()) {
    if (piece.hole == nullptr || next_hole >= holes.size()) continue;
    reader.ReadScalar(holes[next_hole++], RestField(piece.hole));
  }
  for (const RestField& field : method.arguments()) {
    reader.ReadArgument(arguments, field);
  }
  if (violations.empty()) return absl::OkStatus();
  return InvalidFields(violations);
}

}  // namespace chatgate
