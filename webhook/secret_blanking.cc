#include "webhook/secret_blanking.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace chatgate {
namespace {

// A text, and for each of its bytes where it began in the body.
struct View {
  std::string text;
  std::vector<uint32_t> starts;  // One more than the text has bytes.
};

View ViewOf(absl::string_view body) {
  View view{std::string(body), {}};
  for (size_t i = 0; i <= body.size(); ++i) {
    view.starts.push_back(static_cast<uint32_t>(i));
  }
  return view;
}

std::optional<char> HexByte(absl::string_view digits) {
  uint64_t value = 0;
  for (const char digit : digits) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(digit))) {
      return std::nullopt;
    }
  }
  if (!absl::SimpleHexAtoi(digits, &value) || value > 0xff) return std::nullopt;
  return static_cast<char>(value);
}

// What one unit of an encoding stands for, and how many bytes it takes.
struct Unit {
  char byte;
  size_t size;
};

Unit PercentUnit(absl::string_view text) {
  if (text[0] == '+') return {' ', 1};
  if (text[0] == '%' && text.size() >= 3) {
    if (const std::optional<char> byte = HexByte(text.substr(1, 2))) {
      return {*byte, 3};
    }
  }
  return {text[0], 1};
}

// A secret is plain text: escapes of control characters need no decoding.
Unit JsonUnit(absl::string_view text) {
  if (text[0] == '\\' && text.size() >= 6 && text[1] == 'u') {
    if (const std::optional<char> byte = HexByte(text.substr(2, 4))) {
      return {*byte, 6};
    }
  }
  if (text[0] == '\\' && text.size() >= 2 &&
      (text[1] == '/' || text[1] == '"' || text[1] == '\\')) {
    return {text[1], 2};
  }
  return {text[0], 1};
}

View Decoded(const View& view, Unit (*unit_of)(absl::string_view)) {
  View out;
  const absl::string_view text = view.text;
  for (size_t i = 0; i < text.size();) {
    const Unit unit = unit_of(text.substr(i));
    out.text += unit.byte;
    out.starts.push_back(view.starts[i]);
    i += unit.size;
  }
  out.starts.push_back(view.starts[text.size()]);
  return out;
}

// The body again, with every place where the view shows the secret blanked.
std::string BlankIn(absl::string_view body, const View& view,
                    absl::string_view secret) {
  std::string out;
  size_t copied = 0;
  size_t at = 0;
  while ((at = view.text.find(secret.data(), at, secret.size())) !=
         std::string::npos) {
    const size_t begin = view.starts[at];
    out.append(body.data() + copied, begin - copied);
    out.append(kBlank.data(), kBlank.size());
    at += secret.size();
    copied = view.starts[at];
  }
  out.append(body.data() + copied, body.size() - copied);
  return out;
}

}  // namespace

std::string BlankSecret(absl::string_view body, absl::string_view secret) {
  if (secret.empty()) return std::string(body);
  std::string out = BlankIn(body, ViewOf(body), secret);
  out = BlankIn(out, Decoded(ViewOf(out), PercentUnit), secret);
  out = BlankIn(out, Decoded(ViewOf(out), JsonUnit), secret);
  const View form = Decoded(ViewOf(out), PercentUnit);
  return BlankIn(out, Decoded(form, JsonUnit), secret);
}

}  // namespace chatgate
