#ifndef CHATGATE_SERVER_SERVICE_OPERATIONS_SERVICE_H_
#define CHATGATE_SERVER_SERVICE_OPERATIONS_SERVICE_H_

#include <memory>

#include "server/budget/budget_operations.h"
#include "server/outbox/webhook_operations.h"
#include "server/subscription/authenticator.h"

namespace chatgate {

class RpcService;

// OperationsService is the gRPC surface for operators: it authenticates, asks
// for the role ADMIN (READER for what is seen of budgets), and forwards.
//
// Threads:  no call holds a thread while it waits.
// Lifetime: the server that it is given to ends first.
class OperationsService {
 public:
  // `webhooks` and `budgets` outlive the service. Without `budgets` no app has
  // one.
  static std::unique_ptr<OperationsService> Create(
      Authenticator authenticator, WebhookOperations& webhooks,
      BudgetOperations* budgets = nullptr);

  virtual ~OperationsService() = default;

  // What to give to a server.
  virtual const RpcService& service() const = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_OPERATIONS_SERVICE_H_
