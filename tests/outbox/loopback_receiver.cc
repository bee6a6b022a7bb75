#include "tests/outbox/loopback_receiver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

// Bytes over a socket, with TLS or without.
class Wire {
 public:
  Wire(int fd, ssl_ctx_st* context) : fd_(fd) {
    if (context == nullptr) return;
    tls_ = SSL_new(context);
    SSL_set_fd(tls_, fd);
    open_ = SSL_accept(tls_) == 1;
  }
  ~Wire() {
    SSL_free(tls_);
    close(fd_);
  }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  bool Read(std::string* bytes) {
    char buffer[4096];
    if (!open_) return false;
    const ssize_t size = tls_ == nullptr
                             ? recv(fd_, buffer, sizeof(buffer), 0)
                             : SSL_read(tls_, buffer, sizeof(buffer));
    if (size <= 0) return false;
    bytes->append(buffer, static_cast<size_t>(size));
    return true;
  }
  bool Write(const std::string& bytes) {
    const auto size = static_cast<ssize_t>(bytes.size());
    return tls_ == nullptr
               ? send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == size
               : SSL_write(tls_, bytes.data(), static_cast<int>(size)) == size;
  }

 private:
  const int fd_;
  ssl_st* tls_ = nullptr;
  bool open_ = true;
};

// True once `request` has the body that its head announces.
bool IsWhole(const std::string& request) {
  const size_t end = request.find("\r\n\r\n");
  const std::string name = "Content-Length: ";
  const size_t length = request.find(name);
  if (end == std::string::npos || length > end) return false;
  size_t size = 0;
  const size_t begin = length + name.size();
  return absl::SimpleAtoi(
             request.substr(begin, request.find('\r', begin) - begin), &size) &&
         request.size() >= end + 4 + size;
}

}  // namespace

LoopbackReceiver::LoopbackReceiver(Script script, ssl_ctx_st* tls)
    : script_(std::move(script)), tls_(tls) {
  signal(SIGPIPE, SIG_IGN);  // Of this test's OpenSSL.
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  listen(listener_, 16);
  socklen_t size = sizeof(address);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

LoopbackReceiver::~LoopbackReceiver() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

std::vector<std::string> LoopbackReceiver::requests() const {
  MutexLock lock(mu_);
  return requests_;
}

int LoopbackReceiver::connections() const {
  MutexLock lock(mu_);
  return connections_;
}

void LoopbackReceiver::Run() {
  while (true) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    {
      MutexLock lock(mu_);
      ++connections_;
    }
    Serve(fd);
  }
}

void LoopbackReceiver::Serve(int fd) {
  Wire wire(fd, tls_);
  std::string request;
  while (!IsWhole(request)) {
    if (!wire.Read(&request)) return;
  }
  {
    MutexLock lock(mu_);
    requests_.push_back(request);
  }
  script_([&wire](const std::string& bytes) { return wire.Write(bytes); });
}

LoopbackReceiver::Script Answer(const std::string& bytes) {
  return [bytes](const LoopbackReceiver::Write& write) { write(bytes); };
}

TestCertificate::TestCertificate(const std::string& host) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("Test"), -1,
                             -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name,
                          absl::StrCat("DNS:", host).c_str());
  X509_add_ext(certificate, names, -1);
  X509_EXTENSION_free(names);
  X509_sign(certificate, key, EVP_sha256());

  BIO* text = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(text, certificate);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(text, &bytes);
  pem.assign(bytes, static_cast<size_t>(size));
  BIO_free(text);

  server = SSL_CTX_new(TLS_server_method());
  SSL_CTX_use_certificate(server, certificate);
  SSL_CTX_use_PrivateKey(server, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

TestCertificate::~TestCertificate() { SSL_CTX_free(server); }

}  // namespace chatgate
