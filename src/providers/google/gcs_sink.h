// An object of Google Cloud Storage that is made of what is written, of a size that nobody knows before: a resumable upload
// (gcs_session.h), given up where it fails. What was sent is held until the server has it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "providers/google/gcs_client.h"
#include "providers/google/gcs_session.h"
#include "providers/http/object_sink.h"

namespace venturi::providers {

class GcsSink final : public ObjectSink {
 public:
  GcsSink(std::shared_ptr<GcsClient> gcs, GcsPlace place, GcsUpload how);
  ~GcsSink() override;
  GcsSink(const GcsSink&) = delete;
  GcsSink& operator=(const GcsSink&) = delete;

  [[nodiscard]] boost::asio::awaitable<void> write(std::string bytes) override;
  [[nodiscard]] boost::asio::awaitable<void> finish() override;
  [[nodiscard]] boost::asio::awaitable<void> give_up() override { return session_.give_up(); }
  [[nodiscard]] std::string name() const override { return session_.place().text(); }
  [[nodiscard]] std::uint64_t size() const override { return size_; }

 private:
  // A piece, or with `is_last` all that is left. The object, where it is made of it.
  boost::asio::awaitable<std::optional<GcsObject>> send(bool is_last);
  void drop_what_is_there(std::uint64_t there);
  void hold(std::size_t bytes);

  std::shared_ptr<GcsClient> gcs_;
  GcsSession session_;
  std::string buffer_;       // what the server has not said that it has
  std::uint64_t there_ = 0;  // so many bytes are: where the buffer begins
  std::uint64_t size_ = 0;
  std::uint32_t crc_ = 0;
  std::size_t held_ = 0;  // of the try's memory
};

}  // namespace venturi::providers
