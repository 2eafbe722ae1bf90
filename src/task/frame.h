// Airflow's framing (task-sdk 1.3, execution_time/comms.py), used on every channel of Venturi. C++20: part of the SDK archive.
//
//   +----------------+---------------------------------------------+
//   | length, 4 B BE | msgpack array: [id, body] or [id, body, err] |
//   +----------------+---------------------------------------------+
//
// body and error are maps with a `type`, or nil. A request's id comes back with its response; an unprompted message of the
// parent has id 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "task/msgpack.h"
#include "venturi/value.h"

namespace venturi::task {

// A message larger than this is refused before memory is taken for it. The largest XCom that may be allowed ([core]
// max_xcom_bytes), and what a message has besides.
inline constexpr std::size_t max_frame_bytes = (128UL << 20) + (1UL << 20);

struct Frame {
  std::int64_t id = 0;
  Value body;
  Value error;  // null where absent
};

void append_frame(std::string& out, std::int64_t id, const Value& body, const Value& error = {});
// The same with a body that is packed already.
void append_packed_frame(std::string& out, std::int64_t id, std::string_view body);
[[nodiscard]] std::string encode_frame(std::int64_t id, const Value& body, const Value& error = {});

// Cuts frames out of a stream of bytes.
class FrameReader {
 public:
  FrameReader() = default;
  // Members of a body with these names stay packed, as whoever only hands them on wants them: each comes as a string of its
  // bytes, or null. `kept_packed` outlives the reader.
  explicit FrameReader(std::span<const std::string_view> kept_packed) : kept_packed_(kept_packed) {}
  void feed(std::string_view data) { buffer_.append(data); }
  // The buffer to receive into directly; bytes appended to it count as fed.
  std::string& buffer() { return buffer_; }
  // The next complete frame, or nothing. Throws ProtocolError for rubbish; the stream is unusable then.
  [[nodiscard]] std::optional<Frame> next();
  [[nodiscard]] bool empty() const { return position_ == buffer_.size(); }

 private:
  std::span<const std::string_view> kept_packed_;
  std::string buffer_;
  std::size_t position_ = 0;
};

// Blocking reads and writes of whole frames on a descriptor, for processes that have nothing else to do meanwhile.
// read_frame returns nothing at a clean end of the stream, throws ProtocolError for an end inside a frame and
// std::system_error for errors. It never reads beyond the frame, so another reader can take over the descriptor.
[[nodiscard]] std::optional<Frame> read_frame(int fd);
void write_frame(int fd, std::int64_t id, const Value& body, const Value& error = {});

}  // namespace venturi::task
