#ifndef CHATGATE_SERVER_PLATFORM_SCHEMA_H_
#define CHATGATE_SERVER_PLATFORM_SCHEMA_H_

#include "server/store/store.h"

namespace chatgate {

// The tables of the embedded platform, all named `platform_...`.
Schema PlatformSchema();

}  // namespace chatgate

#endif  // CHATGATE_SERVER_PLATFORM_SCHEMA_H_
