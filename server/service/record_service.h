#ifndef CHATGATE_SERVER_SERVICE_RECORD_SERVICE_H_
#define CHATGATE_SERVER_SERVICE_RECORD_SERVICE_H_

#include <cstdint>
#include <map>
#include <memory>

#include "server/backend/backend.h"
#include "server/subscription/authenticator.h"

namespace chatgate {

class RpcService;

// RecordService is the gRPC surface for export and import: it authenticates,
// asks for the role ADMIN, chooses the app, and forwards to its backend.
//
// Threads:  no call holds a thread while it waits.
// Lifetime: the server that it is given to ends first.
class RecordService {
 public:
  // `backends`: of the apps that have records, by app id. All outlive the
  // service.
  static std::unique_ptr<RecordService> Create(
      Authenticator authenticator, std::map<uint64_t, Backend*> backends);

  virtual ~RecordService() = default;

  // What to give to a server.
  virtual const RpcService& service() const = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_RECORD_SERVICE_H_
