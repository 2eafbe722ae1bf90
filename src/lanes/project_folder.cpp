#include "lanes/project_folder.h"

namespace venturi::lanes {

std::string_view project_of(std::string_view path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string_view::npos || slash == 0) return {};
  const std::string_view name = path.substr(slash + 1);
  return name == bundle_file || name == cmake_file ? path.substr(0, slash) : std::string_view();
}

std::optional<std::string> ProjectFolders::unit_of(const std::string& relative) {
  for (std::size_t slash = relative.find('/'); slash != std::string::npos; slash = relative.find('/', slash + 1)) {
    const std::string above = relative.substr(0, slash + 1);
    std::string bundle = above + std::string(bundle_file), cmake = above + std::string(cmake_file);
    if (folder_.has(bundle)) return bundle;
    if (folder_.has(cmake) && is_ours(cmake)) return cmake;
  }
  return std::nullopt;
}

// As with single files: a CMake project that has nothing to do with Venturi is none of ours.
bool ProjectFolders::is_ours(const std::string& cmake_lists) {
  const std::string path = root_ + "/" + cmake_lists;
  const std::optional<FileStamp> stamp = stamp_of(path);
  if (!stamp) return false;
  const auto known = ours_.find(cmake_lists);
  if (known != ours_.end() && known->second.first == *stamp) return known->second.second;
  const auto text = read_file(path);
  const bool ours = text && text->find("venturi") != std::string::npos;
  ours_[cmake_lists] = {*stamp, ours};
  return ours;
}

}  // namespace venturi::lanes
