#include "server/rest_codec/json_position.h"

#include "server/base/utf8.h"

namespace chatgate {
namespace {

// Walks over a JSON text, knowing strings from structure.
struct Walk {
  int depth = 0;
  bool in_string = false;
  bool escaped = false;
  size_t string_begin = 0;
  // The last string that ended directly inside the outermost container.
  absl::string_view last_string;

  void Step(absl::string_view json, size_t i) {
    const char c = json[i];
    if (escaped) {
      escaped = false;
    } else if (in_string) {
      if (c == '\\') escaped = true;
      if (c != '"') return;
      in_string = false;
      if (depth == 1) {
        last_string = json.substr(string_begin, i - string_begin);
      }
    } else if (c == '"') {
      in_string = true;
      string_begin = i + 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
};

}  // namespace

size_t FirstTooDeep(absl::string_view json, int depth_max) {
  Walk walk;
  for (size_t i = 0; i < json.size(); ++i) {
    walk.Step(json, i);
    if (walk.depth > depth_max) return i;
  }
  return absl::string_view::npos;
}

size_t FirstNotUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const size_t length = Utf8CharLength(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return absl::string_view::npos;
}

std::string MemberAt(absl::string_view json, size_t position) {
  Walk walk;
  absl::string_view name;
  for (size_t i = 0; i < json.size() && i < position; ++i) {
    const bool structure = !walk.in_string;
    walk.Step(json, i);
    if (structure && walk.depth == 1) {
      if (json[i] == ':') name = walk.last_string;
      if (json[i] == ',') name = "";
    }
  }
  return IsUtf8(name) ? std::string(name) : "";
}

}  // namespace chatgate
