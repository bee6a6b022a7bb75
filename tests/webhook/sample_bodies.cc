#include "tests/webhook/sample_bodies.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace chatgate {

std::string ChatlioTranscript() {
  std::string text(kChatlioTranscriptPrinted);
  const size_t start = text.find("// We");
  text.erase(start, text.find('\n', start) - start);
  return text;
}

std::string FormEncoded(absl::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte)) {
      out += c;
    } else {
      absl::StrAppend(&out, "%", absl::Hex(byte, absl::kZeroPad2));
    }
  }
  return out;
}

std::string FormOf(
    const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    absl::StrAppend(&out, out.empty() ? "" : "&", name, "=",
                    FormEncoded(value));
  }
  return out;
}

std::string DashlyConversationForm(absl::string_view part,
                                   absl::string_view token) {
  return FormOf({{"conversation", std::string(part)},
                 {"type", "conversation"},
                 {"token", std::string(token)}});
}

}  // namespace chatgate
