#ifndef CHATGATE_CLIENT_RESPONDER_LITERAL_INDEX_H_
#define CHATGATE_CLIENT_RESPONDER_LITERAL_INDEX_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace chatgate {

// LiteralIndex finds which of many literals a text holds, in one pass.
//
//   const LiteralIndex index({"hello", "price", "ok"});
//   index.Find("the price, ok?");  // {1, 2}
//
// Of each literal it knows the four bytes in a row that the fewest literals
// share (all of a shorter one). The pass looks each four bytes of the text up
// in a bitmap, which is small enough for the processor's nearest cache, then in
// a hash table, and compares whole literals only where both agree. Memory: some
// 30 bytes a literal beside its text; an automaton takes as much a letter.
//
// Threads: any, at once; it never changes.
class LiteralIndex {
 public:
  // `literals` are distinct and not empty.
  explicit LiteralIndex(std::vector<std::string> literals);

  // Indices of the literals that are in `text`, each once, in no order.
  std::vector<int> Find(absl::string_view text) const;

 private:
  static constexpr size_t kGramMax = 4;

  // A literal, and where in it its gram is.
  struct Place {
    uint32_t literal;
    uint32_t offset;
  };
  // The places of one gram: from `places_[begin]` up to `end`.
  struct Slot {
    uint32_t gram = 0;
    uint32_t begin = 0;
    uint32_t end = 0;  // 0: the slot is free.
  };

  // Numbers below the size of the bitmaps, and of the table.
  uint32_t BitOf(uint32_t gram) const {
    return gram * 0x9e3779b1u >> bit_shift_;
  }
  uint32_t SlotOf(uint32_t gram) const {
    return gram * 0x9e3779b1u >> slot_shift_;
  }
  // Looks for the literals that have a gram of so many bytes.
  template <size_t kBytes>
  void Scan(absl::string_view text, std::vector<uint64_t>& seen,
            std::vector<int>& found) const;
  void Insert(uint32_t gram, uint32_t begin, uint32_t end);
  void FindAt(absl::string_view text, size_t at, uint32_t gram,
              std::vector<uint64_t>& seen, std::vector<int>& found) const;

  const std::vector<std::string> literals_;
  std::vector<Place> places_;
  std::vector<Slot> slots_;
  int bit_shift_ = 26;
  int slot_shift_ = 31;
  // The bits of grams of 1, 2, 3 and 4 bytes; empty where there are none.
  std::array<std::vector<uint64_t>, kGramMax + 1> bitmaps_;
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_LITERAL_INDEX_H_
