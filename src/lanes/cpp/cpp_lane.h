// The C++ lane: a compiled program, or a `.cpp` that is compiled first, becomes what it says of its DAGs. Everything that can
// be is taken from the cache, so that a start with a thousand unchanged programs executes none of them.
//
//   program ─── copy into the store ───────────────────────────────────────┐
//   .cpp, venturi.toml, CMakeLists.txt ─ compile cache ─ compilers ─ store ──┴─ description cache ─── Description ─── Loaded
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/event_loop.h"
#include "lanes/cpp/bundle_builder.h"
#include "lanes/cpp/cmake_builder.h"
#include "lanes/cpp/compile_cache.h"
#include "lanes/cpp/compiler.h"
#include "lanes/cpp/describe.h"
#include "lanes/cpp/toolchain.h"
#include "lanes/program_store.h"

namespace venturi::lanes {

struct CppLaneOptions {
  CompileOptions compile;
  int describe_jobs = 2;
  std::chrono::milliseconds describe_timeout{std::chrono::seconds(50)};
  std::uint64_t describe_memory_bytes = 1UL << 30;
};

// What became of a file. Without an error it has program and result.
struct Loaded {
  std::optional<StoredProgram> program;
  Value result;                       // DagFileParsingResult
  std::optional<Error> error;         // kind `conflict`: the file is being written, look again soon
  std::vector<std::string> includes;  // of what was compiled: the user's headers, absolute
};

class CppLane {
 public:
  using OnLoaded = std::function<void(Loaded)>;
  // The files below a folder, both relative to the DAGs folder, without those that are ignored.
  using FilesBelow = std::function<std::vector<std::string>(std::string_view folder)>;
  enum class Kind { none, program, source, project };

  // `dags_folder` and `cache` ($VENTURI_HOME/cache) are absolute.
  CppLane(EventLoop& loop, CppLaneOptions options, std::string dags_folder, std::string bundle, const std::string& cache,
          ProgramStore& store, FileIndex& index, FilesBelow files_below);
  ~CppLane();
  CppLane(const CppLane&) = delete;
  CppLane& operator=(const CppLane&) = delete;
  [[nodiscard]] Result<void> open() const { return compile_cache_.open(); }

  // A complete ELF program with an executable bit (no library, no object file), or a `.cpp` that mentions Venturi: other files
  // are none of ours, such as the helper sources beside a DAG file (Airflow's safe mode). Which folders are projects
  // project_folder.h knows.
  [[nodiscard]] static Kind kind_of(const std::string& file);

  // `relative` to the DAGs folder. `loaded` is called once: from inside this call when the cache knows all, else from the loop.
  void load(const std::string& relative, OnLoaded loaded);
  // What the cache knows of an older program of this file.
  [[nodiscard]] Loaded load_cached(const std::string& relative, const std::string& program_hash);
  // Drops what the cache says of compilations whose programs are no longer stored, and what was built for other projects than
  // these (relative).
  void forget_old(const std::set<std::string>& projects);
  // Programs that were stored and whose description is still under way.
  [[nodiscard]] std::vector<std::string> programs_in_work() const;

 private:
  struct Work {
    std::string relative, absolute, name;
    OnLoaded loaded;
    std::string compile_key;
    std::vector<std::pair<std::string, std::optional<FileStamp>>> sources;  // absolute, as they were when the key was made
    Loaded outcome;
    std::unique_ptr<Description> description;
  };
  using WorkPointer = std::shared_ptr<Work>;

  void load_program(const WorkPointer& work);
  void load_source(const WorkPointer& work);
  void with_toolchain(const WorkPointer& work, const Toolchain& toolchain);
  void load_bundle(const WorkPointer& work, const Toolchain& toolchain);
  void load_cmake(const WorkPointer& work, const Toolchain& toolchain);
  // Makes the key of `sources`; whether a stored program, or an error, has finished the work.
  [[nodiscard]] bool is_in_cache(const WorkPointer& work, const Toolchain& toolchain, const std::vector<std::string>& sources);
  void built(const WorkPointer& work, const Result<Built>& built);
  void stored(const WorkPointer& work, const Result<StoredProgram>& program);
  void start_descriptions();
  void described(const WorkPointer& work, Result<Value> result);
  void finish(const WorkPointer& work, std::optional<Error> error = {});
  [[nodiscard]] std::optional<Value> cached_description(const StoredProgram& program, const std::string& absolute) const;
  [[nodiscard]] std::string description_path(const StoredProgram& program, const std::string& absolute) const;

  EventLoop& loop_;
  CppLaneOptions options_;
  std::string dags_folder_, bundle_;
  ProgramStore& store_;
  FileIndex& index_;
  CompileCache compile_cache_;
  ToolchainFinder toolchains_;
  FilesBelow files_below_;
  std::list<WorkPointer> in_work_;
  std::deque<WorkPointer> to_describe_;
  int describing_ = 0;
  BundleBuilder bundles_;
  CmakeBuilder cmake_;
  Compiler compiler_;
};

}  // namespace venturi::lanes
