// Which file a dag_id belongs to. The first that declares it has it; others are refused until it lets go.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace venturi::lanes {

class DagOwners {
 public:
  // The file that has this DAG where it is another one; nothing when it is `file`'s now.
  [[nodiscard]] std::optional<std::string> claim(const std::string& dag_id, const std::string& file) {
    const auto [it, is_new] = owners_.try_emplace(dag_id, file);
    if (is_new || it->second == file) return std::nullopt;
    refused_[dag_id].insert(file);
    return it->second;
  }

  // The files that were refused and may try again.
  [[nodiscard]] std::vector<std::string> release(const std::string& dag_id, const std::string& file) {
    const auto it = owners_.find(dag_id);
    if (it == owners_.end() || it->second != file) return {};
    owners_.erase(it);
    const auto refused = refused_.extract(dag_id);
    if (refused.empty()) return {};
    return {refused.mapped().begin(), refused.mapped().end()};
  }

  [[nodiscard]] std::vector<std::string> dag_ids() const {
    std::vector<std::string> ids;
    ids.reserve(owners_.size());
    for (const auto& [dag_id, file] : owners_) ids.push_back(dag_id);
    return ids;
  }

 private:
  std::map<std::string, std::string, std::less<>> owners_;
  std::map<std::string, std::set<std::string>, std::less<>> refused_;
};

}  // namespace venturi::lanes
