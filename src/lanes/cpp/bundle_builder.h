// Builds a folder with a venturi.toml (bundle_config.h): each source to an object, a few at a time, and these to a program.
// Objects are kept, so that a change compiles only what it concerns:
//
//   $VENTURI_HOME/cache/objects/<key of the folder>/<source>-<key>.o
//                                                  /index/<key>.json   the headers that it was made with (compile_cache.h)
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lanes/cpp/bundle_config.h"
#include "lanes/cpp/compile_cache.h"
#include "lanes/cpp/compiler.h"

namespace venturi::lanes {

struct Bundle {
  std::string file;    // "shop/venturi.toml", relative to the DAGs folder
  std::string folder;  // absolute
  BundleConfig config;
  std::vector<std::string> sources;  // relative to the folder
};

class BundleBuilder {
 public:
  // `cache`: $VENTURI_HOME/cache. `compiler` goes after this.
  BundleBuilder(Compiler& compiler, FileIndex& index, std::string dags_folder, const std::string& cache);

  // `built` is called from the loop, or at once where there is nothing to run.
  void build(const Toolchain& toolchain, Bundle bundle, Compiler::OnBuilt built);
  // Removes the objects of all folders but these (absolute).
  void keep_only(const std::set<std::string>& folders) const;

 private:
  struct Work;
  using WorkPointer = std::shared_ptr<Work>;

  void ask_pkg_config(const WorkPointer& work);
  void compile(const WorkPointer& work);
  void compile_source(const WorkPointer& work, std::size_t number);
  void compiled(const WorkPointer& work, std::size_t number, const std::string& key, const Result<Built>& object);
  void link(const WorkPointer& work);
  void remove_old_objects(const Work& work) const;
  [[nodiscard]] std::string objects_of(const std::string& folder) const;

  Compiler& compiler_;
  FileIndex& index_;
  std::string dags_folder_, objects_;
};

}  // namespace venturi::lanes
