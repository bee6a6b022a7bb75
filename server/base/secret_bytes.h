#ifndef CHATGATE_SERVER_BASE_SECRET_BYTES_H_
#define CHATGATE_SERVER_BASE_SECRET_BYTES_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace chatgate {

// A secret that is kept for as long as the program runs: in pages of its own,
// which are no part of a core dump and, where the machine allows it, are not
// written to swap; wiped at the end.
//
//   SecretBytes token(text);
//   WipeText(&text);
//   absl::StrAppend(&form, "auth_token=", token.view());
//
// Threads: immutable, so any.
class SecretBytes {
 public:
  explicit SecretBytes(absl::string_view secret);
  ~SecretBytes();
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  // Valid while this lives. Whoever copies it wipes the copy.
  absl::string_view view() const { return {pages_, size_}; }

 private:
  const size_t size_;
  const size_t mapped_;  // Whole pages, at least one.
  char* const pages_;
};

// Empties a text of which nothing may be left in memory. What it outgrew before
// is not reached: reserve first.
void WipeText(std::string* text);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BASE_SECRET_BYTES_H_
