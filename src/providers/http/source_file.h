// A file that is sent somewhere, read a piece at a time in a thread beside the loop: what all operators that upload files have
// in common.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace venturi::providers {

struct SourceFile {
  std::string path;
  Fd fd;
  std::uint64_t size = 0;
};

struct FilePiece {
  std::string bytes;
  std::string digest;  // what was asked for of them
};
// What is computed of a piece where it is read: it would take too long in the loop.
using PieceDigest = std::function<std::string(std::string_view bytes)>;

// Throw TaskFailed where the file cannot be read, and TaskFailedForGood where it is none.
[[nodiscard]] boost::asio::awaitable<std::shared_ptr<const SourceFile>> open_source_file(std::string path);
// Throws TaskFailed where it became shorter meanwhile.
[[nodiscard]] boost::asio::awaitable<FilePiece> read_piece(std::shared_ptr<const SourceFile> source, std::uint64_t offset,
                                                           std::uint64_t size, PieceDigest digest);

}  // namespace venturi::providers
