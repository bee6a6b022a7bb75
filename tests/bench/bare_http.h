#ifndef CHATGATE_TESTS_BENCH_BARE_HTTP_H_
#define CHATGATE_TESTS_BENCH_BARE_HTTP_H_

#include <memory>
#include <string>

namespace chatgate {

// BareHttp is cpp-httplib at its best: no delay of small packets, connections
// that are kept for ever, a thread for each of them. It answers 200 to
// everything that is POSTed to /webhooks/dashly.
class BareHttp {
 public:
  BareHttp();
  ~BareHttp();

  const std::string& address() const { return address_; }

 private:
  struct Server;

  std::unique_ptr<Server> server_;
  std::string address_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_BARE_HTTP_H_
