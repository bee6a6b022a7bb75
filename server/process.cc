#include "server/process.h"

#include <sys/resource.h>

#ifdef CHATGATE_TCMALLOC
#include <gperftools/malloc_extension.h>
#endif

#include "server/base/log.h"

namespace chatgate {
namespace {

// What the default limits may need: HTTP connections and streams, subscribers
// on some hundred gRPC connections, the database.
constexpr rlim_t kFilesEnough = 2048;

}  // namespace

void PrepareProcess() {
#ifdef CHATGATE_TCMALLOC
  // Whole pages that are freed go back to the machine at once. Without it they
  // are kept until as many again have been freed, and a burst of large bodies
  // would stay resident for ever.
  MallocExtension::instance()->SetNumericProperty(
      "tcmalloc.aggressive_memory_decommit", 1);
#endif
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
