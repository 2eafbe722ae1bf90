#include "base/gzip_stream.h"

#include <zlib.h>

#include <algorithm>
#include <new>

namespace venturi {
namespace {

constexpr std::size_t piece = 64UL << 10U;
constexpr int window_bits = 15, with_gzip_header = 16;  // zlib's: deflateInit2

Bytef* bytes_of(char* text) {
  return reinterpret_cast<Bytef*>(text);
}

}  // namespace

void Gunzip::End::operator()(z_stream_s* stream) const {
  ::inflateEnd(stream);
  delete stream;
}

Gunzip::Gunzip(Source source) : source_(std::move(source)), stream_(new z_stream_s{}), packed_(new char[piece]) {
  if (::inflateInit2(stream_.get(), window_bits + with_gzip_header) != Z_OK) throw std::bad_alloc();
}
Gunzip::Gunzip(Gunzip&&) noexcept = default;
Gunzip::~Gunzip() = default;

bool Gunzip::refill() {
  if (at_end_) return false;
  const std::size_t got = source_(packed_.get(), piece);
  offset_ += got;
  stream_->next_in = bytes_of(packed_.get());
  stream_->avail_in = static_cast<uInt>(got);
  at_end_ = got == 0;
  return !at_end_;
}

Error Gunzip::damaged(const std::string& what) const {
  return Error{ErrorKind::corrupt, what + ", at byte " + std::to_string(offset_ - stream_->avail_in), {}, {}};
}

Result<std::size_t> Gunzip::read(char* to, std::size_t capacity) {
  stream_->next_out = bytes_of(to);
  stream_->avail_out = static_cast<uInt>(capacity);
  while (stream_->avail_out == capacity) {
    if (stream_->avail_in == 0 && !refill()) {
      if (in_member_) return std::unexpected(damaged("the compressed file ends early"));
      return 0;
    }
    if (!in_member_) {
      const bool is_first = offset_ == stream_->avail_in;
      // Padding of tapes and blocks.
      while (!is_first && stream_->avail_in > 0 && *stream_->next_in == 0) {
        ++stream_->next_in;
        --stream_->avail_in;
      }
      if (stream_->avail_in == 0) continue;
      in_member_ = true;
      is_first_ = is_first;
    }
    const auto before = stream_->total_in;
    const int done = ::inflate(stream_.get(), Z_NO_FLUSH);
    if (done == Z_STREAM_END) {
      in_member_ = false;
      ::inflateReset(stream_.get());
    } else if (done == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (done != Z_OK && done != Z_BUF_ERROR) {
      const std::string why = stream_->msg != nullptr ? stream_->msg : "unknown";
      // Its words for what is no gzip at all.
      if (before == 0 && why == "incorrect header check") {
        return std::unexpected(
            damaged(is_first_ ? "this is not in gzip's format" : "what follows a whole member is not in gzip's format"));
      }
      return std::unexpected(damaged("the compressed file is damaged (" + why + ")"));
    }
  }
  return capacity - stream_->avail_out;
}

void GzipPacker::End::operator()(z_stream_s* stream) const {
  ::deflateEnd(stream);
  delete stream;
}

GzipPacker::GzipPacker(Sink sink, int level) : sink_(std::move(sink)), stream_(new z_stream_s{}), packed_(new char[piece]) {
  constexpr int memory = 8;  // zlib's default
  if (::deflateInit2(stream_.get(), level, Z_DEFLATED, window_bits + with_gzip_header, memory, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
}
GzipPacker::GzipPacker(GzipPacker&&) noexcept = default;
GzipPacker::~GzipPacker() = default;

void GzipPacker::put(std::string_view bytes, bool last) {
  constexpr std::size_t most = 1UL << 30U;  // zlib counts in 32 bits
  do {
    const std::string_view part = bytes.substr(0, most);
    bytes.remove_prefix(part.size());
    stream_->next_in = bytes_of(const_cast<char*>(part.data()));
    stream_->avail_in = static_cast<uInt>(part.size());
    do {
      stream_->next_out = bytes_of(packed_.get());
      stream_->avail_out = piece;
      ::deflate(stream_.get(), last && bytes.empty() ? Z_FINISH : Z_NO_FLUSH);
      if (const std::size_t made = piece - stream_->avail_out; made > 0) sink_({packed_.get(), made});
    } while (stream_->avail_out == 0);
  } while (!bytes.empty());
}

}  // namespace venturi
