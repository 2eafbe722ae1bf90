// libFuzzer target: whatever a subject, a name or a text holds, the lines stay short and none of them begins a field of its
// own.
#include <cstddef>
#include <cstdint>
#include <string>

#include "net/mime_encoding.h"

namespace {

// Lines end with CRLF, have no other control characters, and all but the first begin with a blank.
void check_field(const std::string& field) {
  if (!field.ends_with("\r\n")) __builtin_trap();
  for (std::size_t from = 0; from < field.size();) {
    const std::size_t end = field.find("\r\n", from);
    if (from > 0 && field[from] != ' ') __builtin_trap();
    if (end - from > 998) __builtin_trap();
    for (std::size_t i = from; i < end; ++i) {
      if (static_cast<unsigned char>(field[i]) < ' ' || static_cast<unsigned char>(field[i]) >= 0x7f) __builtin_trap();
    }
    from = end + 2;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_field(venturi::net::text_field("Subject", text));
  check_field("X" + venturi::net::parameter("filename", text) + "\r\n");
  if (const auto address = venturi::net::parse_mail_address(text)) {
    check_field(venturi::net::list_field("To", venturi::net::format_mail_address(*address)));
  }
  const std::string body = venturi::net::quoted_printable(text);
  for (std::size_t from = 0; from < body.size();) {
    const std::size_t end = std::min(body.find("\r\n", from), body.size());
    if (end - from > 76) __builtin_trap();
    from = end + 2;
  }
  if (venturi::net::base64_lines(text).size() < size) __builtin_trap();
  return 0;
}
