// libFuzzer: no text crashes the parser, refusals name a place, and what is accepted survives writing and reading.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/json.h"

namespace {

void require(bool ok, const char* what, const std::string& text) {
  if (ok) return;
  std::fprintf(stderr, "%s: %s\n", what, text.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = venturi::parse_json(text);
  if (!value) {
    require(value.error().kind == venturi::ErrorKind::invalid, "kind of the error", value.error().text());
    require(value.error().text().starts_with("this is no JSON: line "), "no place in the error", value.error().text());
    return 0;
  }
  // Texts are compared, since numbers beyond all doubles become null.
  const std::string written = venturi::to_json(*value);
  const auto again = venturi::parse_json(written);
  require(again && venturi::to_json(*again) == written, "changed by writing and reading", written);
  const auto indented = venturi::parse_json(venturi::to_json(*value, 2));
  require(indented && *indented == *again, "changed by indenting", written);
  return 0;
}
