#include "server/process.h"

#include <malloc.h>
#include <sys/resource.h>

#include "server/base/log.h"

namespace chatgate {
namespace {

// Larger pieces are mapped, and unmapped when they are freed. glibc would raise
// this by itself, up to 32 MiB, and keep in the heaps of many threads whatever
// came once. Smaller is everything that comes often.
constexpr int kMappedBytesMin = 512 << 10;

// What the default limits may need: HTTP connections and streams, subscribers
// on some hundred gRPC connections, the database.
constexpr rlim_t kFilesEnough = 2048;

}  // namespace

void PrepareProcess() {
  mallopt(M_MMAP_THRESHOLD, kMappedBytesMin);
  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  // Fails only where the limit cannot be as high as it says it can.
  (void)setrlimit(RLIMIT_NOFILE, &files);
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < kFilesEnough) {
    LogWarning("few files may be open; each connection is one",
               {{"limit", files.rlim_cur}});
  }
}

}  // namespace chatgate
