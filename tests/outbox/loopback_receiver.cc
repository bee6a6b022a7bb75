#include "tests/outbox/loopback_receiver.h"

#include <utility>

namespace chatgate {

LoopbackReceiver::LoopbackReceiver(Script script, ssl_ctx_st* tls)
    : script_(std::move(script)),
      server_(
          [this](Peer& peer) {
            std::string request = peer.ReadRequest();
            if (request.empty()) return;
            {
              MutexLock lock(mu_);
              requests_.push_back(std::move(request));
            }
            script_([&peer](const std::string& bytes) {
              return peer.Write(bytes);
            });
          },
          tls) {}

std::vector<std::string> LoopbackReceiver::requests() const {
  MutexLock lock(mu_);
  return requests_;
}

LoopbackReceiver::Script Answer(const std::string& bytes) {
  return [bytes](const LoopbackReceiver::Write& write) { write(bytes); };
}

}  // namespace chatgate
