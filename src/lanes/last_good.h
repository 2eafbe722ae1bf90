// The last program of each file that described its DAGs, and those DAGs: what is served at a start before a changed file was
// compiled again, or while it does not compile.  $VENTURI_HOME/cache/last_good.json
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace venturi::lanes {

struct LastGood {
  std::string program_hash;
  std::vector<std::string> dag_ids;
  friend bool operator==(const LastGood&, const LastGood&) = default;
};
using LastGoodByFile = std::map<std::string, LastGood, std::less<>>;

// Empty where there is none that can be read.
[[nodiscard]] LastGoodByFile read_last_good(const std::string& path);
[[nodiscard]] Result<void> write_last_good(const std::string& path, const LastGoodByFile& files);

}  // namespace venturi::lanes
