#include "client/responder/literal_index.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

namespace chatgate {
namespace {

// The first bytes of `text`, of which there are as many.
uint32_t GramAt(const char* text, size_t bytes) {
  uint32_t gram = 0;
  std::memcpy(&gram, text, bytes);
  return gram;
}

}  // namespace

LiteralIndex::LiteralIndex(std::vector<std::string> literals)
    : literals_(std::move(literals)) {
  std::unordered_map<uint32_t, uint32_t> times;  // Of each gram of four bytes.
  for (const std::string& literal : literals_) {
    for (size_t i = 0; i + kGramMax <= literal.size(); ++i) {
      ++times[GramAt(literal.data() + i, kGramMax)];
    }
  }
  struct Chosen {
    size_t gram_bytes;
    uint32_t gram;
    Place place;
  };
  std::vector<Chosen> chosen;
  for (size_t i = 0; i < literals_.size(); ++i) {
    const std::string& literal = literals_[i];
    const size_t bytes = std::min(literal.size(), kGramMax);
    size_t best = 0;
    for (size_t at = 1; at + kGramMax <= literal.size(); ++at) {
      if (times[GramAt(literal.data() + at, bytes)] <
          times[GramAt(literal.data() + best, bytes)]) {
        best = at;
      }
    }
    chosen.push_back({bytes,
                      GramAt(literal.data() + best, bytes),
                      {static_cast<uint32_t>(i), static_cast<uint32_t>(best)}});
  }
  std::sort(chosen.begin(), chosen.end(), [](const auto& a, const auto& b) {
    return std::pair(a.gram, a.gram_bytes) < std::pair(b.gram, b.gram_bytes);
  });
  // Sixteen bits a gram: few texts hit one by chance. Two slots: a search in
  // the table is short.
  while (bit_shift_ > 12 && (1ull << (32 - bit_shift_)) < 16 * chosen.size()) {
    --bit_shift_;
  }
  // Without a most: a full table would be searched for ever.
  while ((1ull << (32 - slot_shift_)) < 2 * chosen.size()) --slot_shift_;
  slots_.resize(1ull << (32 - slot_shift_));
  for (size_t begin = 0, end = 0; begin < chosen.size(); begin = end) {
    while (end < chosen.size() && chosen[end].gram == chosen[begin].gram) {
      places_.push_back(chosen[end++].place);
    }
    for (size_t i = begin; i < end; ++i) {
      auto& bitmap = bitmaps_[chosen[i].gram_bytes];
      bitmap.resize((1ull << (32 - bit_shift_)) / 64);
      const uint32_t bit = BitOf(chosen[i].gram);
      bitmap[bit / 64] |= 1ull << bit % 64;
    }
    Insert(chosen[begin].gram, static_cast<uint32_t>(begin),
           static_cast<uint32_t>(end));
  }
}

void LiteralIndex::Insert(uint32_t gram, uint32_t begin, uint32_t end) {
  size_t at = SlotOf(gram);
  while (slots_[at].end != 0) at = (at + 1) & (slots_.size() - 1);
  slots_[at] = {gram, begin, end};
}

std::vector<int> LiteralIndex::Find(absl::string_view text) const {
  std::vector<int> found;
  std::vector<uint64_t> seen(literals_.size() / 64 + 1);
  Scan<4>(text, seen, found);
  Scan<3>(text, seen, found);
  Scan<2>(text, seen, found);
  Scan<1>(text, seen, found);
  return found;
}

template <size_t kBytes>
void LiteralIndex::Scan(absl::string_view text, std::vector<uint64_t>& seen,
                        std::vector<int>& found) const {
  const std::vector<uint64_t>& bitmap = bitmaps_[kBytes];
  if (bitmap.empty()) return;
  for (size_t at = 0; at + kBytes <= text.size(); ++at) {
    const uint32_t gram = GramAt(text.data() + at, kBytes);
    const uint32_t bit = BitOf(gram);
    if ((bitmap[bit / 64] >> bit % 64 & 1) != 0) {
      FindAt(text, at, gram, seen, found);
    }
  }
}

void LiteralIndex::FindAt(absl::string_view text, size_t at, uint32_t gram,
                          std::vector<uint64_t>& seen,
                          std::vector<int>& found) const {
  size_t slot = SlotOf(gram);
  while (slots_[slot].end != 0 && slots_[slot].gram != gram) {
    slot = (slot + 1) & (slots_.size() - 1);
  }
  for (uint32_t i = slots_[slot].begin; i < slots_[slot].end; ++i) {
    const Place& place = places_[i];
    const std::string& literal = literals_[place.literal];
    uint64_t& word = seen[place.literal / 64];
    const uint64_t bit = 1ull << place.literal % 64;
    if ((word & bit) != 0 || at < place.offset ||
        text.size() - (at - place.offset) < literal.size() ||
        std::memcmp(text.data() + at - place.offset, literal.data(),
                    literal.size()) != 0) {
      continue;
    }
    word |= bit;
    found.push_back(static_cast<int>(place.literal));
  }
}

}  // namespace chatgate
