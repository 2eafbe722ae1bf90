// Builds a folder that is a CMake project: configured and built in the cache, with the compiler, the limits and the SDK of
// single files, whatever is installed. find_package(venturi) finds a package that is written for it:
//
//   $VENTURI_HOME/cache/cmake/package/venturi-config.cmake     venturi::sdk and venturi_add_dag()
//                            /<key of the folder>/build/       programs/NAME holds the path of what venturi_add_dag(NAME ...)
//                                                              makes
//
// make and not ninja: its compilers stay in the process group that is ended with it, and their lists of headers stay too.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "lanes/cpp/compiler.h"

namespace venturi::lanes {

class CmakeBuilder {
 public:
  // `cache`: $VENTURI_HOME/cache. `compiler` goes after this.
  CmakeBuilder(Compiler& compiler, int jobs, std::string dags_folder, const std::string& cache);

  // `folder` is absolute. `built` is called from the loop; the program stays where it is.
  void build(const Toolchain& toolchain, const std::string& folder, Compiler::OnBuilt built);
  // Removes the build folders of all projects but these (absolute).
  void keep_only(const std::set<std::string>& folders) const;

 private:
  struct Work;
  using WorkPointer = std::shared_ptr<Work>;

  [[nodiscard]] Result<void> write_package(const Toolchain& toolchain) const;
  [[nodiscard]] std::string place_of(const std::string& folder) const;
  void configure(const WorkPointer& work);
  void configured(const WorkPointer& work);
  void finished(const WorkPointer& work, const Built& built) const;

  Compiler& compiler_;
  int jobs_;
  std::string dags_folder_, folder_;
};

}  // namespace venturi::lanes
