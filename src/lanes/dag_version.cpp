#include "lanes/dag_version.h"

#include "lanes/content_key.h"

namespace venturi::lanes {

std::string dag_version_id(std::string_view dag_id, std::string_view serialized_json, std::string_view program_hash) {
  const std::string key = content_key({dag_id, serialized_json, program_hash});
  std::string id =
      key.substr(0, 8) + "-" + key.substr(8, 4) + "-" + key.substr(12, 4) + "-" + key.substr(16, 4) + "-" + key.substr(20, 12);
  static constexpr std::string_view digits = "0123456789abcdef";
  id[14] = '8';                                    // version
  id[19] = digits[8 | (digits.find(id[19]) & 3)];  // variant 10xx
  return id;
}

}  // namespace venturi::lanes
