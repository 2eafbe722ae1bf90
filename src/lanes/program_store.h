// Programs as they were when they were described: copies named by their content. A run that began with one keeps it although
// its file changed, was built anew or removed. A copy and no hard link: `cp` over a file writes into the same inode.
//
//   $VENTURI_HOME/cache/programs/<sha256 of the program>/<name of its file>     what runs; the name is for `ps`
//                                                       /described-<key>.json   what it said of itself (describe_cache)
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "base/event_loop.h"
#include "base/result.h"
#include "lanes/file_hasher.h"
#include "lanes/file_index.h"

namespace venturi::lanes {

struct StoredProgram {
  std::string path;  // absolute
  std::string hash;
};

class ProgramStore {
 public:
  using OnStored = std::function<void(Result<StoredProgram>)>;

  // `cache`: $VENTURI_HOME/cache. The folders are made by open().
  ProgramStore(EventLoop& loop, std::string cache, FileIndex& index);
  [[nodiscard]] Result<void> open();
  ~ProgramStore();
  ProgramStore(const ProgramStore&) = delete;
  ProgramStore& operator=(const ProgramStore&) = delete;

  // What is stored for a file that did not change since it was taken.
  [[nodiscard]] std::optional<StoredProgram> find_unchanged(const std::string& file);
  [[nodiscard]] std::optional<StoredProgram> find(const std::string& hash, const std::string& name);
  [[nodiscard]] bool has(const std::string& hash) const;
  // Copies a compiled program into the store, where it is called `name`; `done` comes from the loop.
  void take(const std::string& file, const std::string& name, OnStored done);

  // Where a description of a program is kept; `key` says of which file under which circumstances.
  [[nodiscard]] std::string description_path(const StoredProgram& program, const std::string& key) const;
  // An empty folder for temporary files, below one of this process (`dags test` shares the cache with a server); whoever asks
  // removes it. What a killed process left is removed by open().
  [[nodiscard]] Result<std::string> temporary_folder();
  // Removes all programs whose paths are not among these.
  void keep_only(const std::set<std::string>& paths);

 private:
  [[nodiscard]] std::string folder_of(const std::string& hash) const { return programs_ + "/" + hash; }
  [[nodiscard]] Result<StoredProgram> move_in(const std::string& temporary, const std::string& hash, const std::string& name);

  EventLoop& loop_;
  std::string cache_, programs_, temporary_;
  FileIndex& index_;
  FileHasher hasher_;
  std::uint64_t next_temporary_ = 1;
};

// The last part of a path without its extension; of a file that makes its folder one program (project_folder.h), the folder's.
[[nodiscard]] std::string stem_of(std::string_view path);

}  // namespace venturi::lanes
