// The certificates of authorities, read beside the loop: a file of 150 of them takes OpenSSL 3 some 30 ms.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

#include "base/result.h"

using X509_STORE = struct x509_store_st;

namespace venturi::net {

class TlsAuthorities {
 public:
  explicit TlsAuthorities(X509_STORE* store) : store_(store) {}
  ~TlsAuthorities();
  TlsAuthorities(const TlsAuthorities&) = delete;
  TlsAuthorities& operator=(const TlsAuthorities&) = delete;
  [[nodiscard]] X509_STORE* store() const { return store_; }

 private:
  X509_STORE* store_;
};

// Of a PEM file. Kept until the file changes.
[[nodiscard]] boost::asio::awaitable<Result<std::shared_ptr<const TlsAuthorities>>> authorities_of(std::string file);

// Hashed, as openssl rehash makes it.
[[nodiscard]] const char* system_authorities_folder();

}  // namespace venturi::net
