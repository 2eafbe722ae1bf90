// Where the bytes of a download go. A source that cannot go on where it broke off begins again: what was written so far is
// taken back then.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "providers/http/file_writer.h"
#include "providers/http/object_sink.h"

namespace venturi::providers {

class DownloadTarget {
 public:
  virtual ~DownloadTarget() = default;
  [[nodiscard]] virtual boost::asio::awaitable<void> write(std::string bytes) = 0;
  [[nodiscard]] virtual boost::asio::awaitable<void> start_again() = 0;
  // So many bytes since the beginning, or since it was begun again.
  [[nodiscard]] virtual std::uint64_t size() const = 0;
};

// Written beside the loop.
class FileTarget final : public DownloadTarget {
 public:
  // Throws TaskFailed where the file cannot be made.
  [[nodiscard]] static boost::asio::awaitable<std::shared_ptr<FileTarget>> make(std::string path,
                                                                                FileWriter::Checksum checksum);
  explicit FileTarget(std::shared_ptr<FileWriter> file) : file_(std::move(file)) {}

  [[nodiscard]] boost::asio::awaitable<void> write(std::string bytes) override;
  [[nodiscard]] boost::asio::awaitable<void> start_again() override;
  [[nodiscard]] std::uint64_t size() const override { return file_->size(); }
  [[nodiscard]] boost::asio::awaitable<void> finish();
  [[nodiscard]] FileWriter& file() { return *file_; }

 private:
  std::shared_ptr<FileWriter> file_;
};

// An object of a store, which is made anew where the source begins again.
class SinkTarget final : public DownloadTarget {
 public:
  using Make = std::function<ObjectSinkPtr()>;
  explicit SinkTarget(Make make) : make_(std::move(make)), sink_(make_()) {}

  [[nodiscard]] boost::asio::awaitable<void> write(std::string bytes) override { return sink_->write(std::move(bytes)); }
  [[nodiscard]] boost::asio::awaitable<void> start_again() override;
  [[nodiscard]] std::uint64_t size() const override { return sink_->size(); }
  [[nodiscard]] ObjectSink& sink() { return *sink_; }

 private:
  Make make_;
  ObjectSinkPtr sink_;
};

}  // namespace venturi::providers
