// Which program a source was compiled to. What a source includes is known only after it was compiled, so its key leads to the
// lists of headers that compilations of it had, each with the program that came out (as ccache's direct mode does):
//
//   $VENTURI_HOME/cache/compiled/<key>.json   [{"includes": {"/dags/x.h": "<sha256>"}, "program": "<sha256>"}, ...]
//
// The key covers paths and contents of the sources and the toolchain: compiler version, flags, contents of the SDK. A bundle's
// objects have a cache of this kind too (bundle_builder.h).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lanes/file_index.h"

namespace venturi::lanes {

struct CompiledSource {
  std::vector<std::string> includes;
  std::string program_hash;
};

class CompileCache {
 public:
  CompileCache(std::string folder, FileIndex& index) : folder_(std::move(folder)), index_(index) {}
  [[nodiscard]] Result<void> open() const { return make_folder(folder_); }

  // The program whose headers are all as they are now.
  [[nodiscard]] std::optional<CompiledSource> find(const std::string& key);
  // False, and nothing is kept, when one of the headers was written since `started_at_ns`: the program may have seen either.
  [[nodiscard]] bool add(const std::string& key, const CompiledSource& compiled, std::int64_t started_at_ns);

  // Removes the sources all of whose programs are gone.
  void forget(const std::function<bool(const std::string& program_hash)>& is_gone);

 private:
  [[nodiscard]] std::string path_of(const std::string& key) const { return folder_ + "/" + key + ".json"; }

  std::string folder_;
  FileIndex& index_;
};

}  // namespace venturi::lanes
