#include "task/frame.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/errno_error.h"
#include "base/fd.h"

namespace venturi::task {
namespace {

constexpr std::size_t header_bytes = 4;
// A buffer that had to hold a large message gives its memory back when it is empty.
constexpr std::size_t kept_buffer = 1UL << 20;

std::size_t body_length(std::string_view header) {
  std::size_t length = 0;
  for (const char c : header.substr(0, header_bytes)) length = (length << 8) | static_cast<unsigned char>(c);
  if (length > max_frame_bytes) {
    throw ProtocolError("a frame of " + std::to_string(length) + " bytes is larger than the limit of " +
                        std::to_string(max_frame_bytes));
  }
  return length;
}

// Trailing nils may be left out, but every message has an id and a body.
Frame decode_frame(std::string_view payload, std::span<const std::string_view> kept_packed = {}) {
  Value value = decode_msgpack(payload, kept_packed);
  if (!value.is_array()) throw ProtocolError(std::string("a frame holds an array, not ") + value.type_name());
  Array& parts = value.as_array();
  if (parts.size() != 2 && parts.size() != 3) {
    throw ProtocolError("a frame's array has 2 or 3 elements, not " + std::to_string(parts.size()));
  }
  if (!parts[0].is_int()) throw ProtocolError(std::string("a frame's id is an integer, not ") + parts[0].type_name());
  Frame frame{.id = parts[0].as_int(), .body = std::move(parts[1]), .error = {}};
  if (parts.size() == 3) frame.error = std::move(parts[2]);
  return frame;
}

// False at the end of the stream, with what was read before it in `data`.
bool read_exactly(int fd, std::string& data, std::size_t n) {
  std::size_t have = 0;
  data.resize(n);
  while (have < n) {
    const ssize_t got = ::read(fd, data.data() + have, n - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw errno_error("read of a frame");
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  data.resize(have);
  return have == n;
}

// Where it starts.
std::size_t begin_frame(std::string& out, std::int64_t id) {
  const std::size_t start = out.size();
  out.append(header_bytes, '\0');
  out += static_cast<char>(0x93);  // an array of 3
  append_msgpack(out, static_cast<long long>(id));
  return start;
}

void end_frame(std::string& out, std::size_t start) {
  const std::size_t length = out.size() - start - header_bytes;
  if (length > max_frame_bytes) {
    out.resize(start);
    throw ProtocolError("a message of " + std::to_string(length) + " bytes is larger than the limit of " +
                        std::to_string(max_frame_bytes));
  }
  for (std::size_t i = 0; i < header_bytes; ++i) {
    out[start + i] = static_cast<char>(static_cast<unsigned char>(length >> (8 * (header_bytes - 1 - i))));
  }
}

}  // namespace

void append_frame(std::string& out, std::int64_t id, const Value& body, const Value& error) {
  const std::size_t start = begin_frame(out, id);
  append_msgpack(out, body);
  append_msgpack(out, error);
  end_frame(out, start);
}

void append_packed_frame(std::string& out, std::int64_t id, std::string_view body) {
  const std::size_t start = begin_frame(out, id);
  out += body;
  append_msgpack(out, nullptr);
  end_frame(out, start);
}

std::string encode_frame(std::int64_t id, const Value& body, const Value& error) {
  std::string out;
  append_frame(out, id, body, error);
  return out;
}

std::optional<Frame> FrameReader::next() {
  const std::string_view rest = std::string_view(buffer_).substr(position_);
  if (rest.size() >= header_bytes) {
    const std::size_t length = body_length(rest);
    if (rest.size() - header_bytes >= length) {
      Frame frame = decode_frame(rest.substr(header_bytes, length), kept_packed_);
      position_ += header_bytes + length;
      return frame;
    }
  }
  // Only the beginning of a frame is left, so this moves each byte once at most.
  buffer_.erase(0, position_);
  position_ = 0;
  if (buffer_.empty() && buffer_.capacity() > kept_buffer) std::string().swap(buffer_);
  return std::nullopt;
}

std::optional<Frame> read_frame(int fd) {
  std::string data;
  if (!read_exactly(fd, data, header_bytes)) {
    if (data.empty()) return std::nullopt;
    throw ProtocolError("the stream ended inside a frame's length");
  }
  const std::size_t length = body_length(data);
  if (!read_exactly(fd, data, length)) {
    throw ProtocolError("the stream ended inside a frame: " + std::to_string(data.size()) + " of " + std::to_string(length) +
                        " bytes came");
  }
  return decode_frame(data);
}

void write_frame(int fd, std::int64_t id, const Value& body, const Value& error) {
  if (!write_all(fd, encode_frame(id, body, error))) throw errno_error("write of a frame");
}

}  // namespace venturi::task
