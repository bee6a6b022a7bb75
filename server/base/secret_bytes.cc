#include "server/base/secret_bytes.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace chatgate {
namespace {

size_t WholePages(size_t size) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return (std::max<size_t>(size, 1) + page - 1) / page * page;
}

char* Map(size_t size) {
  void* const pages = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) std::abort();  // As operator new without exceptions.
  madvise(pages, size, MADV_DONTDUMP);
  // May be more than the process is allowed to: then it is a wish.
  (void)mlock(pages, size);
  return static_cast<char*>(pages);
}

}  // namespace

SecretBytes::SecretBytes(absl::string_view secret)
    : size_(secret.size()), mapped_(WholePages(size_)), pages_(Map(mapped_)) {
  std::copy(secret.begin(), secret.end(), pages_);
  mprotect(pages_, mapped_, PROT_READ);
}

SecretBytes::~SecretBytes() {
  mprotect(pages_, mapped_, PROT_READ | PROT_WRITE);
  explicit_bzero(pages_, mapped_);
  munmap(pages_, mapped_);
}

void WipeText(std::string* text) {
  // Up to the capacity: what was longer once may still stand there.
  text->resize(text->capacity());
  explicit_bzero(text->data(), text->size());
  text->clear();
}

}  // namespace chatgate
