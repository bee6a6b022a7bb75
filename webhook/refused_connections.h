#ifndef CHATGATE_WEBHOOK_REFUSED_CONNECTIONS_H_
#define CHATGATE_WEBHOOK_REFUSED_CONNECTIONS_H_

#include <poll.h>

#include <deque>
#include <vector>

#include "webhook/byte_stream.h"

namespace chatgate {

// Connections beyond the limit. Each is told 503 at once, without reading what
// it wants, and is closed when it has read that, or after a second. None of
// this waits or needs a thread; the owner's poll loop carries it.
// Threads: the owner's alone.
class RefusedConnections {
 public:
  ~RefusedConnections();

  // Takes the socket. With too many already, the oldest is cut.
  void Add(int socket);

  // Appends an entry for each, to be polled together with the owner's own.
  void AppendTo(std::vector<pollfd>* entries) const;

  // Looks after those that have something to say, or whose time is over.
  void Tend();

  bool empty() const { return connections_.empty(); }

 private:
  struct Connection {
    int socket;
    Deadline deadline;
  };
  std::deque<Connection> connections_;  // Oldest first.
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_REFUSED_CONNECTIONS_H_
