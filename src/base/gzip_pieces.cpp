#include "base/gzip_pieces.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>

namespace venturi {
namespace {

constexpr int window_bits = 15, with_gzip_header = 16, memory_level = 8;
constexpr std::size_t at_once = 64UL << 10U;

}  // namespace

struct GzipStream::State {
  z_stream stream{};
  State() {
    if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits + with_gzip_header, memory_level,
                       Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  ~State() { ::deflateEnd(&stream); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

GzipStream::GzipStream() : state_(std::make_unique<State>()) {}
GzipStream::~GzipStream() = default;
GzipStream::GzipStream(GzipStream&&) noexcept = default;
GzipStream& GzipStream::operator=(GzipStream&&) noexcept = default;

// zlib fails only where it is misused: its buffers are never empty here.
std::string GzipStream::deflated(std::string_view bytes, int flush) {
  z_stream& stream = state_->stream;
  std::string result;
  std::array<unsigned char, at_once> buffer;
  do {
    const std::size_t given = std::min<std::size_t>(bytes.size(), 1UL << 30U);
    stream.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));  // zlib does not write there
    stream.avail_in = static_cast<unsigned>(given);
    bytes.remove_prefix(given);
    const int how = bytes.empty() ? flush : Z_NO_FLUSH;
    do {
      stream.next_out = buffer.data();
      stream.avail_out = static_cast<unsigned>(buffer.size());
      ::deflate(&stream, how);
      result.append(reinterpret_cast<const char*>(buffer.data()), buffer.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  } while (!bytes.empty());
  return result;
}

std::string GzipStream::add(std::string_view bytes) {
  return deflated(bytes, Z_NO_FLUSH);
}
std::string GzipStream::end() {
  return deflated({}, Z_FINISH);
}

}  // namespace venturi
