#ifndef CHATGATE_TESTS_SSE_SSE_STREAMS_FIXTURE_H_
#define CHATGATE_TESTS_SSE_SSE_STREAMS_FIXTURE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/event_log/cursor.h"
#include "server/hub/hub.h"
#include "tests/service/fake_event_log.h"
#include "webhook/http_server.h"
#include "webhook/sse/sse_streams.h"

namespace chatgate {

// One connection that asks for a stream and reads it record by record.
class SseReader {
 public:
  // `receive_bytes`: of the socket's buffer; 0: the system's own choice.
  SseReader(int port, const std::string& target, const std::string& headers,
            const std::string& verb = "GET", int receive_bytes = 0);
  ~SseReader();

  void EndSending();
  // The head of the answer.
  std::string Head() { return Until("\r\n\r\n"); }
  // The next record; empty at the end of the stream.
  std::string Next() { return Until("\n\n"); }
  // The body where there is no stream.
  std::string Refusal() { return Until("}\n"); }

  // The seqs of the next events.
  std::vector<uint64_t> NextSeqs(size_t count);

 private:
  std::string Until(const std::string& mark);

  int socket_;
  std::string buffer_;
};

// Streams of a log in memory, behind a real HTTP server with two connections.
class SseStreamsTest : public ::testing::Test {
 protected:
  static constexpr char kToken[] = "reader-token";

  void SetUp() override { Start({}); }
  ~SseStreamsTest() override;

  // Once more, with other options.
  void Start(const SseStreams::Options& options, size_t streams_max = 8);
  // As the gateway ends.
  void End();

  void AddPart(uint64_t app_id = 777, const std::string& direction = "u2a",
               size_t bytes = 1);
  // Reads the head of the answer into `head_`.
  std::unique_ptr<SseReader> Open(const std::string& query,
                                  const std::string& headers = "",
                                  const std::string& token = kToken);
  static std::string At(uint64_t seq, uint64_t epoch = FakeEventLog::kEpoch) {
    return EncodeCursor({epoch, seq});
  }

  FakeEventLog log_;
  prometheus::Registry metrics_;
  std::unique_ptr<Hub> hub_;
  std::unique_ptr<SseStreams> streams_;
  std::unique_ptr<HttpServer> server_;
  std::string head_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_SSE_SSE_STREAMS_FIXTURE_H_
