#include "providers/http/download_target.h"

#include <utility>

#include "providers/http/target_file.h"

namespace venturi::providers {

namespace asio = boost::asio;

asio::awaitable<std::shared_ptr<FileTarget>> FileTarget::make(std::string path, FileWriter::Checksum checksum) {
  const auto slot = std::make_shared<std::shared_ptr<FileWriter>>();
  std::function<void()> open = [slot, path = std::move(path), checksum] {
    *slot = std::make_shared<FileWriter>(path, checksum);
  };
  co_await beside(std::move(open));
  co_return std::make_shared<FileTarget>(std::move(*slot));
}

asio::awaitable<void> FileTarget::write(std::string bytes) {
  return beside([file = file_, bytes = std::move(bytes)] { file->write(bytes); });
}

asio::awaitable<void> FileTarget::start_again() {
  return beside([file = file_] { file->start_again(); });
}

asio::awaitable<void> FileTarget::finish() {
  return beside([file = file_] { file->finish(); });
}

asio::awaitable<void> SinkTarget::start_again() {
  co_await sink_->give_up();
  sink_ = make_();
}

}  // namespace venturi::providers
