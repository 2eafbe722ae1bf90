// venturi.toml in a folder below the DAGs folder: the folder is one program.
//
//   name = "shop"                       # of the program; the folder's
//   sources = ["*.cpp", "!*_test.cpp"]  # patterns in the folder, as in .airflowignore; "!" takes back; ["*.cpp"]
//   include = ["include"]               # folders for #include, beside this one and the DAGs folder
//   standard = 20                       # of C++: 20, 23 or 26
//   flags = ["-O2", "-DSHOP=1"]         # for the compiler
//   link_flags = ["-Wl,--as-needed"]    # for the linker
//   libraries = ["z"]                   # -lz
//   pkg_config = ["libpq"]              # flags and libraries of these modules
//   static = true                       # false: libraries of which there is no archive (.a) are linked dynamically
//
// All keys may be left out: an empty file will do.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace venturi::lanes {

struct BundleConfig {
  std::string name;
  std::vector<std::string> sources = {"*.cpp"};
  std::vector<std::string> include, flags, link_flags, libraries, pkg_config;
  int standard = 20;
  bool is_static = true;
  std::map<std::string, int, std::less<>> lines;  // key -> line, of those that are given
};

// `where`: how errors call the file. An error names all that is wrong with it, a line each.
[[nodiscard]] Result<BundleConfig> read_bundle_config(std::string_view text, const std::string& where);

// Those of the paths, relative to the bundle's folder, that are its sources.
[[nodiscard]] std::vector<std::string> sources_of(const BundleConfig& config, const std::vector<std::string>& paths);

}  // namespace venturi::lanes
