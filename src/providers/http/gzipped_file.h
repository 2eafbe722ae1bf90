// A file packed by gzip on its way to somewhere else: the argument `gzip` of operators that upload.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace venturi::operators {
class OperatorTry;
}  // namespace venturi::operators

namespace venturi::providers {

// The packed file has no name that would stay behind: it lies in the run's folder until this is gone.
class GzippedFile {
 public:
  struct State;
  explicit GzippedFile(std::shared_ptr<State> state) : state_(std::move(state)) {}
  GzippedFile(const GzippedFile&) = delete;
  GzippedFile& operator=(const GzippedFile&) = delete;
  GzippedFile(GzippedFile&&) = default;
  GzippedFile& operator=(GzippedFile&&) = delete;
  ~GzippedFile() = default;
  // Where it can be opened, in this process.
  [[nodiscard]] std::string path() const;

 private:
  std::shared_ptr<State> state_;
};

// Packs it beside the loop, in constant memory. Throws TaskFailed where that cannot be done, TaskFailedForGood for what is no
// file.
[[nodiscard]] boost::asio::awaitable<GzippedFile> gzip_file(const operators::OperatorTry& t, std::string path);

}  // namespace venturi::providers
