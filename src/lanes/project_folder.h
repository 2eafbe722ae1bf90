// Folders below the DAGs folder that are one program of several sources:
//
//   shop/venturi.toml     its sources, flags and libraries: Venturi compiles them (cpp/bundle_builder.h)
//   shop/CMakeLists.txt   a CMake project with venturi_add_dag(): CMake does (cpp/cmake_builder.h); where there are both,
//                         venturi.toml counts
//
// Such a file is to the lane what a single .cpp file is; what lies below its folder belongs to it and is nothing by itself.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "lanes/dag_folder.h"

namespace venturi::lanes {

inline constexpr std::string_view bundle_file = "venturi.toml", cmake_file = "CMakeLists.txt";

// "shop" of "shop/venturi.toml" and "shop/CMakeLists.txt"; empty of other paths, and of these files in the DAGs folder itself.
[[nodiscard]] std::string_view project_of(std::string_view path);

class ProjectFolders {
 public:
  // `root`: the DAGs folder, absolute.
  ProjectFolders(const DagFolder& folder, std::string root) : folder_(folder), root_(std::move(root)) {}

  // The file that makes the outermost of the folders above `relative` one program; nothing where none is.
  [[nodiscard]] std::optional<std::string> unit_of(const std::string& relative);

 private:
  [[nodiscard]] bool is_ours(const std::string& cmake_lists);

  const DagFolder& folder_;
  std::string root_;
  std::map<std::string, std::pair<FileStamp, bool>, std::less<>> ours_;  // by path, whether it mentions Venturi
};

}  // namespace venturi::lanes
