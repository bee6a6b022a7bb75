#include "client/responder/case_folder.h"

#include <re2/re2.h>

#include <set>

namespace chatgate {
namespace {

constexpr char32_t kRuneMax = 0x10ffff;
constexpr char kForeign = '\xff';
// Letters, and whatever else has case, lie below.
constexpr char32_t kCasedMax = 0x1ffff;

// Reads the rune at the front of `text`, which is not empty, and removes it. A
// byte that begins none is removed alone and gives kRuneMax + 1.
char32_t TakeRune(absl::string_view& text) {
  const auto at = [&](size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const unsigned first = at(0);
  char32_t rune = kRuneMax + 1;
  size_t size = 1;
  if (first < 0x80) {
    rune = first;
  } else {
    size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    rune = first & (0xffu >> (size + 1));
    bool is_right = first >= 0xc2 && first <= 0xf4;
    for (size_t i = 1; i < size; ++i) {
      is_right = is_right && (at(i) & 0xc0) == 0x80;
      rune = rune << 6 | (at(i) & 0x3f);
    }
    constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (!is_right || rune < kSmallest[size] || rune > kRuneMax) {
      rune = kRuneMax + 1;
      size = 1;
    }
  }
  text.remove_prefix(size);
  return rune;
}

void AppendRune(char32_t rune, std::string& text) {
  const auto tail = [&](int shift) {
    text += static_cast<char>(0x80 | (rune >> shift & 0x3f));
  };
  if (rune < 0x80) {
    text += static_cast<char>(rune);
  } else if (rune < 0x800) {
    text += static_cast<char>(0xc0 | rune >> 6);
    tail(0);
  } else if (rune < 0x10000) {
    text += static_cast<char>(0xe0 | rune >> 12);
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xf0 | rune >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

// Every character beyond ASCII that may have case variants.
std::string CasedRunes() {
  std::string all;
  for (char32_t rune = 0x80; rune <= kCasedMax; ++rune) AppendRune(rune, all);
  const RE2 cased("([\\p{Lu}\\p{Ll}\\p{Lt}\\p{Mn}\\p{Nl}\\p{So}]+)");
  re2::StringPiece rest(all);
  re2::StringPiece run;
  std::string found;
  while (RE2::FindAndConsume(&rest, cased, &run)) {
    found.append(run.data(), run.size());
  }
  return found;
}

// Those of `cased` that RE2 takes for `rune`, itself among them where it is.
std::vector<char32_t> Variants(char32_t rune, const std::string& cased) {
  std::string text;
  AppendRune(rune, text);
  RE2::Options options;
  options.set_case_sensitive(false);
  const RE2 same("(" + RE2::QuoteMeta(text) + ")", options);
  re2::StringPiece rest(cased);
  re2::StringPiece one;
  std::vector<char32_t> found;
  while (RE2::FindAndConsume(&rest, same, &one)) {
    absl::string_view variant(one.data(), one.size());
    found.push_back(TakeRune(variant));
  }
  return found;
}

}  // namespace

CaseFolder::CaseFolder(const std::vector<std::string>& literals)
    : page_of_((kRuneMax >> kPageBits) + 1, 0), pages_(1 << kPageBits, 0) {
  for (int c = 0; c < 128; ++c) {
    ascii_[c] = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  // The two letters beyond ASCII that are variants of letters within.
  Set(U'\u017f', 's');
  Set(U'\u212a', 'k');
  std::set<char32_t> runes;
  for (absl::string_view rest : literals) {
    while (!rest.empty()) {
      const char32_t rune = TakeRune(rest);
      if (rune >= 0x80 && rune <= kRuneMax) runes.insert(rune);
    }
  }
  const std::string cased = runes.empty() ? std::string() : CasedRunes();
  for (const char32_t rune : runes) {
    if (Find(rune) != 0) continue;
    Set(rune, rune);
    for (const char32_t variant : Variants(rune, cased)) Set(variant, rune);
  }
}

void CaseFolder::Set(char32_t rune, char32_t folded) {
  uint32_t& page = page_of_[rune >> kPageBits];
  if (page == 0) {
    page = static_cast<uint32_t>(pages_.size());
    pages_.resize(pages_.size() + (1 << kPageBits), 0);
  }
  pages_[page + (rune & 63)] = folded;
}

std::string CaseFolder::Fold(absl::string_view text) const {
  std::string folded;
  folded.reserve(text.size() + 4);
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < 0x80) {
      folded += ascii_[first];
      text.remove_prefix(1);
      continue;
    }
    const char32_t rune = TakeRune(text);
    const char32_t same = rune <= kRuneMax ? Find(rune) : 0;
    if (same == 0) {
      folded += kForeign;
    } else {
      AppendRune(same, folded);
    }
  }
  return folded;
}

}  // namespace chatgate
