#include "lanes/last_good.h"

#include "base/json.h"
#include "lanes/cache_file.h"

namespace venturi::lanes {

LastGoodByFile read_last_good(const std::string& path) {
  LastGoodByFile files;
  const auto text = read_file(path);
  if (!text) return files;
  const auto json = parse_json(*text);
  if (!json || !json->is_object()) return files;
  for (const auto& [file, row] : json->as_object()) {
    LastGood good{row.get_string("program"), {}};
    if (const Value* ids = row.get("dag_ids"); ids != nullptr && ids->is_array()) {
      for (const Value& id : ids->as_array()) {
        if (id.is_string()) good.dag_ids.push_back(id.as_string());
      }
    }
    if (!good.program_hash.empty()) files.emplace(file, std::move(good));
  }
  return files;
}

Result<void> write_last_good(const std::string& path, const LastGoodByFile& files) {
  Object object;
  object.reserve(files.size());
  for (const auto& [file, good] : files) {
    Array ids(good.dag_ids.begin(), good.dag_ids.end());
    object.add(file, Object{{"program", good.program_hash}, {"dag_ids", std::move(ids)}});
  }
  return write_file(path, to_json(Value(std::move(object))));
}

}  // namespace venturi::lanes
