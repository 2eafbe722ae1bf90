// An object of S3 that is made of what is written, of a size that nobody knows before: what is no larger than a part goes in
// one request, the rest as a multipart upload, which is aborted where it fails.
//
// S3 takes 10,000 parts. They grow: 8 MiB each at first, and 8 MiB more after every thousand, up to 40 MiB; that is enough for
// 320 GB.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/http_request.h"
#include "providers/amazon/s3_client.h"
#include "providers/http/object_sink.h"

namespace venturi::providers {

class S3Sink final : public ObjectSink {
 public:
  // `headers`: x-amz-acl and the like, and Content-Type.
  S3Sink(std::shared_ptr<S3Client> s3, S3Place place, net::HttpHeaders headers = {});
  ~S3Sink() override;
  S3Sink(const S3Sink&) = delete;
  S3Sink& operator=(const S3Sink&) = delete;

  [[nodiscard]] boost::asio::awaitable<void> write(std::string bytes) override;
  [[nodiscard]] boost::asio::awaitable<void> finish() override;
  [[nodiscard]] boost::asio::awaitable<void> give_up() override;
  [[nodiscard]] std::string name() const override { return place_.text(); }
  [[nodiscard]] std::uint64_t size() const override { return size_; }

 private:
  boost::asio::awaitable<void> send_part(std::string bytes);
  void hold(std::size_t bytes);

  std::shared_ptr<S3Client> s3_;
  S3Place place_;
  net::HttpHeaders headers_;
  std::string buffer_;
  std::optional<std::string> upload_;  // its id, once it is begun
  std::vector<S3Part> parts_;
  std::uint64_t size_ = 0;
  std::size_t held_ = 0;  // of the try's memory
};

// How large the n-th part of such an object is, from 1; zero: there is none any more.
[[nodiscard]] std::size_t bytes_of_part(std::size_t number);

}  // namespace venturi::providers
