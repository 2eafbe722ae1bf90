// libFuzzer: no bytes crash the decoder or make it take much memory, and what is accepted survives writing and reading; as
// one value, and as a stream of frames in pieces.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "task/frame.h"

namespace {

using namespace venturi;

std::optional<Value> decode(std::string_view data) {
  try {
    return task::decode_msgpack(data);
  } catch (const task::ProtocolError&) {
    return std::nullopt;
  }
}

std::string encode(const Value& value) {
  std::string out;
  task::append_msgpack(out, value);
  return out;
}

void require(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

// All ids and bodies, until the end or a refusal.
std::string read_frames(std::string_view stream, std::size_t piece) {
  task::FrameReader reader;
  std::string seen;
  try {
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      reader.feed(stream.substr(at, piece));
      while (const auto frame = reader.next()) {
        seen += std::to_string(frame->id) + encode(frame->body) + encode(frame->error);
      }
    }
  } catch (const task::ProtocolError&) {
    seen += "refused";
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto value = decode(bytes)) {
    // Encodings are compared: NaN equals nothing.
    const std::string written = encode(*value);
    const auto again = decode(written);
    require(again && encode(*again) == written, "changed by writing and reading");
    if (value->is_object()) {
      for (const auto& [key, member] : value->as_object()) {
        require(encode(task::packed_member(written, key)) == encode(member), "not found in the packed map");
      }
      task::FrameReader reader;
      reader.feed(task::encode_frame(7, *value));
      const auto frame = reader.next();
      require(frame && frame->id == 7 && encode(frame->body) == written && reader.empty(), "changed by a frame");
    }
  }
  if (size > 1) {
    require(read_frames(bytes.substr(1), 1 + data[0] % 16U) == read_frames(bytes.substr(1), size), "pieces make a difference");
  }
  return 0;
}
