#include "webhook/secret_blanking.h"

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

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

constexpr int8_t kNoDigit = -1;

constexpr std::array<int8_t, 256> HexDigits() {
  std::array<int8_t, 256> digits = {};
  for (int8_t& digit : digits) digit = kNoDigit;
  for (int8_t i = 0; i < 10; ++i) digits[static_cast<size_t>('0' + i)] = i;
  for (int8_t i = 0; i < 6; ++i) {
    digits[static_cast<size_t>('a' + i)] = static_cast<int8_t>(10 + i);
    digits[static_cast<size_t>('A' + i)] = static_cast<int8_t>(10 + i);
  }
  return digits;
}

std::optional<char> HexByte(absl::string_view digits) {
  static constexpr std::array<int8_t, 256> kDigits = HexDigits();
  unsigned value = 0;
  for (const char c : digits) {
    const int8_t digit = kDigits[static_cast<unsigned char>(c)];
    if (digit == kNoDigit) return std::nullopt;
    value = value << 4 | static_cast<unsigned>(digit);
  }
  if (value > 0xff) return std::nullopt;
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

template <Unit unit_of(absl::string_view)>
View Decoded(const View& view) {
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

// The same without the places, which are wanted where something is found alone.
template <Unit unit_of(absl::string_view)>
std::string DecodedText(absl::string_view text) {
  std::string out(text.size(), '\0');
  char* end = out.data();
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c != '%' && c != '+' && c != '\\') {
      *end++ = c;
      ++i;
      continue;
    }
    const Unit unit = unit_of(text.substr(i));
    *end++ = unit.byte;
    i += unit.size;
  }
  out.resize(static_cast<size_t>(end - out.data()));
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

// What stands there as it is.
std::string BlankBare(absl::string_view body, absl::string_view secret,
                      int* places) {
  std::string out;
  out.reserve(body.size());
  for (;;) {
    const size_t at = body.find(secret);
    absl::StrAppend(&out, body.substr(0, at));
    if (at == absl::string_view::npos) return out;
    ++*places;
    absl::StrAppend(&out, kBlank);
    body.remove_prefix(at + secret.size());
  }
}

using Bytes = std::bitset<256>;

bool Holds(const Bytes& bytes, char byte) {
  return bytes[static_cast<unsigned char>(byte)];
}

// Whether what stands behind a backslash, percent-encoded or not, is an escape
// of one of `bytes`.
template <Unit unit_of(absl::string_view)>
bool JsonEscapeStandsFor(absl::string_view text, const Bytes& bytes) {
  std::array<char, 6> decoded = {'\\'};
  size_t size = 1;
  while (size < decoded.size() && !text.empty()) {
    const Unit unit = unit_of(text);
    decoded[size++] = unit.byte;
    text.remove_prefix(unit.size);
  }
  const Unit unit = JsonUnit(absl::string_view(decoded.data(), size));
  return unit.size > 1 && Holds(bytes, unit.byte);
}

Unit PlainUnit(absl::string_view text) { return {text[0], 1}; }

// Whether some escape in `text` stands for a byte of the secret. Where none
// does, no encoding hides it: most bodies are full of escapes, but of quotes
// and brackets.
bool HasEscapeOf(absl::string_view text, const Bytes& bytes) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '%' && c != '+' && c != '\\') continue;
    const Unit unit = PercentUnit(text.substr(i));
    // Read as a form, it is not the byte that stands there; `%25` is `%`, too.
    const bool encoded = unit.size > 1 || unit.byte != c;
    if (encoded && Holds(bytes, unit.byte)) return true;
    const absl::string_view rest = text.substr(i + unit.size);
    if (c == '\\' && JsonEscapeStandsFor<PlainUnit>(rest, bytes)) return true;
    if (unit.byte == '\\' && JsonEscapeStandsFor<PercentUnit>(rest, bytes)) {
      return true;
    }
  }
  return false;
}

// `out` may hold the secret in another form.
std::string BlankEncoded(std::string out, absl::string_view secret) {
  std::string form = DecodedText<PercentUnit>(out);
  if (absl::StrContains(form, secret)) {
    out = BlankIn(out, Decoded<PercentUnit>(ViewOf(out)), secret);
    form = DecodedText<PercentUnit>(out);
  }
  // Without an escape, each JSON reading is what was looked through already.
  if (absl::StrContains(out, '\\') &&
      absl::StrContains(DecodedText<JsonUnit>(out), secret)) {
    out = BlankIn(out, Decoded<JsonUnit>(ViewOf(out)), secret);
    form = DecodedText<PercentUnit>(out);
  }
  if (absl::StrContains(form, '\\') &&
      absl::StrContains(DecodedText<JsonUnit>(form), secret)) {
    out = BlankIn(out, Decoded<JsonUnit>(Decoded<PercentUnit>(ViewOf(out))),
                  secret);
  }
  return out;
}

}  // namespace

BlankedText FindAndBlankSecret(absl::string_view body,
                               absl::string_view secret) {
  if (secret.empty()) return {std::string(body), false};
  int places = 0;
  std::string out = BlankBare(body, secret, &places);
  Bytes bytes;
  for (const char c : secret) bytes.set(static_cast<unsigned char>(c));
  if (!HasEscapeOf(out, bytes)) return {std::move(out), places == 1};
  return {BlankEncoded(std::move(out), secret), false};
}

std::string BlankSecret(absl::string_view body, absl::string_view secret) {
  return FindAndBlankSecret(body, secret).text;
}

}  // namespace chatgate
