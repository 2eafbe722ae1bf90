#include "lanes/yaml_lane.h"

#include <fstream>

#include "base/crypto.h"
#include "lanes/yaml/dag_file.h"

namespace venturi::lanes {

Result<std::string> read_dag_text(const std::string& file) {
  const std::size_t most = YamlLimits{}.bytes + 1;
  const auto stamp = stamp_of(file);
  if (!stamp || stamp->size < most) return read_file(file);
  std::ifstream stream(file, std::ios::binary);
  std::string text(most, '\0');
  if (!stream.read(text.data(), static_cast<std::streamsize>(most)))
    return fail(ErrorKind::unavailable, "cannot be read", file, "look at its permissions");
  return text;
}

bool YamlLane::is_dag_file(const std::string& file) {
  if (!yaml::has_yaml_name(file)) return false;
  const auto text = read_dag_text(file);
  return text && yaml::is_dag_file(file, *text);
}

Loaded YamlLane::load(const std::string& relative) {
  Loaded loaded;
  const std::string absolute = dags_folder_ + "/" + relative;
  const auto before = stamp_of(absolute);
  const auto text = read_dag_text(absolute);
  if (!text) {
    loaded.error = text.error();
  } else if (stamp_of(absolute) != before) {
    loaded.error = Error{ErrorKind::conflict, "changed while it was read", absolute, {}};
  } else {
    Sha256 hash;
    hash.update(*text);
    loaded.program = StoredProgram{{}, hash.hex()};
    loaded.result = yaml::read_dag_file(*text, {absolute, relative, dags_folder_}, calendar_).result;
  }
  return loaded;
}

}  // namespace venturi::lanes
