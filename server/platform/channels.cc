#include "server/base/status_macros.h"
#include "server/platform/methods.h"
#include "server/platform/sql.h"

namespace chatgate::platform {

absl::Status ListChannels(const ReadContext& context,
                          const v1::ListChannelsRequest& request,
                          v1::ListChannelsResponse* response) {
  static_cast<void>(request);  // Has no argument but the app.
  for (const v1::Channel& configured : context.app.channels) {
    v1::Channel& channel = *response->add_channels();
    channel = configured;
    // Unknown in the facts is what is counted; open conversations of the inbox
    // are what operators have to do.
    ASSIGN_OR_RETURN(Statement count, context.Prepare(kCountChannel));
    count.Bind(0, context.app.sql_id());
    count.Bind(1, IdToSql(channel.id()));
    RETURN_IF_ERROR(count.Step().status());
    channel.set_not_assigned_count(count.Int(0));
    channel.set_not_read_count(count.Int(1));
  }
  return absl::OkStatus();
}

}  // namespace chatgate::platform
