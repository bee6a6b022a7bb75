#ifndef CHATGATE_CLIENT_CHATGATECTL_BUDGET_COMMAND_H_
#define CHATGATE_CLIENT_CHATGATECTL_BUDGET_COMMAND_H_

#include <string>
#include <vector>

#include "client/chat_client.h"
#include "client/chatgatectl/exit_code.h"
#include "client/chatgatectl/terminal.h"

namespace chatgate {

struct BudgetOptions {
  std::vector<std::string> app_ids;  // At most one.
  bool watch = false;                // A line whenever it changes, for ever.
};

// `budget`: how the request budget of an app stands, and what was spent of it
// in the last 24 hours, by caller and method. For people in words and a table;
// for programs the budget as a line of JSON, and another for each row.
ExitCode RunBudget(ChatClient& client,
                   const std::vector<std::string>& arguments,
                   const BudgetOptions& budget, const CallOptions& options,
                   Reader reader);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_CHATGATECTL_BUDGET_COMMAND_H_
