// gzip (RFC 1952) as it passes by: memory does not grow with what is packed or unpacked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct z_stream_s;  // zlib's

namespace venturi {

// Unpacks what a source gives: one member or several, one behind the other, as `cat a.gz b.gz` makes them. Zeros behind the
// last one are passed over, as gzip does. Nothing at all is the packed form of nothing.
class Gunzip {
 public:
  // Puts at most `capacity` bytes at `to`; 0 at the end. What it throws comes through.
  using Source = std::function<std::size_t(char* to, std::size_t capacity)>;
  explicit Gunzip(Source source);
  Gunzip(Gunzip&&) noexcept;
  ~Gunzip();

  // The next bytes, 0 at the end. An error says what is wrong, and at which byte of what is packed.
  [[nodiscard]] Result<std::size_t> read(char* to, std::size_t capacity);

 private:
  struct End {
    void operator()(z_stream_s* stream) const;
  };
  bool refill();
  [[nodiscard]] Error damaged(const std::string& what) const;

  Source source_;
  std::unique_ptr<z_stream_s, End> stream_;
  std::unique_ptr<char[]> packed_;
  std::uint64_t offset_ = 0;  // of what was taken from the source
  bool in_member_ = false, is_first_ = true, at_end_ = false;
};

// Packs into a sink.
class GzipPacker {
 public:
  using Sink = std::function<void(std::string_view packed)>;
  static constexpr int default_level = 6;  // gzip's own

  // `level`: 1 (fast) to 9 (small). The file says nothing of when and where it was made: the same content packs to the same.
  explicit GzipPacker(Sink sink, int level = default_level);
  GzipPacker(GzipPacker&&) noexcept;
  ~GzipPacker();

  void write(std::string_view bytes) { put(bytes, false); }
  // What is there is whole after this.
  void finish() { put({}, true); }

 private:
  struct End {
    void operator()(z_stream_s* stream) const;
  };
  void put(std::string_view bytes, bool last);

  Sink sink_;
  std::unique_ptr<z_stream_s, End> stream_;
  std::unique_ptr<char[]> packed_;
};

}  // namespace venturi
