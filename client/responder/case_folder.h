#ifndef CHATGATE_CLIENT_RESPONDER_CASE_FOLDER_H_
#define CHATGATE_CLIENT_RESPONDER_CASE_FOLDER_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace chatgate {

// CaseFolder makes texts comparable byte by byte where letter case does not
// matter: every letter becomes the same one of its case variants, by the
// variants that RE2 knows (Unicode's simple folding).
//
//   const CaseFolder folder({"Straße", "ΟΔΟΣ"});
//   folder.Fold("STRAẞE") == folder.Fold("straße")
//
// It is made for some literals, and only keeps apart what these need: any
// character beyond ASCII that is in none of them becomes the byte 0xFF, as does
// a byte that is no UTF-8. A folded literal is found in a folded text exactly
// where RE2 would find the literal in the text.
//
// Threads: any, at once; it never changes.
class CaseFolder {
 public:
  // `literals` are valid UTF-8.
  explicit CaseFolder(const std::vector<std::string>& literals);

  std::string Fold(absl::string_view text) const;

 private:
  static constexpr int kPageBits = 6;

  // What stands for `rune`; 0 where it is in no literal.
  char32_t Find(char32_t rune) const {
    return pages_[page_of_[rune >> kPageBits] + (rune & 63)];
  }
  void Set(char32_t rune, char32_t folded);

  std::array<char, 128> ascii_;
  // Where the page of each 64 runes begins; page 0 is empty and shared.
  std::vector<uint32_t> page_of_;
  std::vector<char32_t> pages_;
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_CASE_FOLDER_H_
