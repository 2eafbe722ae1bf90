// libFuzzer: no text crashes the parser, no refusal repeats a part of it, and what is accepted survives URI and JSON.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/json.h"
#include "model/connection.h"

namespace {

using venturi::Connection;

// What a URI cannot tell apart.
Connection canonical(Connection c) {
  for (auto* part : {&c.host, &c.schema, &c.login}) {
    if (*part && (*part)->empty()) part->reset();
  }
  for (char& letter : c.conn_type) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  if (c.conn_type == "postgresql") c.conn_type = "postgres";
  c.description.clear();
  if (c.extra) {
    const auto value = venturi::parse_json(*c.extra);
    if (value && value->is_object()) c.extra = venturi::to_json(*value);
    if (c.extra == "{}") c.extra.reset();
  }
  return c;
}

void require(bool ok, const char* what, std::string_view text) {
  if (ok) return;
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto connection = venturi::parse_connection("c", text);
  if (!connection) {
    // A digit never stands beside a letter q in our own words.
    for (std::size_t at = text.find("q7"); at != std::string_view::npos; at = text.find("q7", at + 1)) {
      require(connection.error().text().find("q7") == std::string::npos, "repeated in the error", text);
    }
    return 0;
  }
  const Connection expected = canonical(*connection);
  const std::string uri = venturi::connection_uri(*connection);
  const auto from_uri = venturi::parse_connection("c", uri);
  require(from_uri && canonical(*from_uri) == expected, "changed by its URI", uri);
  const std::string json = venturi::to_json(venturi::connection_json(*connection, true));
  const auto from_json = venturi::parse_connection("c", json);
  require(from_json && canonical(*from_json) == expected, "changed by its JSON", json);
  return 0;
}
