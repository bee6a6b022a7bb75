#include "server/rest_codec/json_position.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "absl/strings/numbers.h"
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

bool IsHuge(absl::string_view number) {
  if (number.find_first_of(".eE") != absl::string_view::npos) {
    double real = 0;
    return absl::SimpleAtod(number, &real) && std::isinf(real);
  }
  int64_t whole = 0;
  uint64_t positive = 0;
  return number.find_first_of("0123456789") != absl::string_view::npos &&
         !absl::SimpleAtoi(number, &whole) &&
         !absl::SimpleAtoi(number, &positive);
}

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

size_t FirstHugeNumber(absl::string_view json) {
  Walk walk;
  for (size_t i = 0; i < json.size();) {
    const size_t end =
        std::min(json.find_first_not_of("0123456789+-.eE", i), json.size());
    if (!walk.in_string && end > i && IsHuge(json.substr(i, end - i))) return i;
    for (const size_t next = std::max(end, i + 1); i < next; ++i) {
      walk.Step(json, i);
    }
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
