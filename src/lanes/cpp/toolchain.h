// The C++ compiler, its flags and the SDK that `.cpp` files of the DAGs folder are built with.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "lanes/child_process.h"
#include "lanes/file_hasher.h"
#include "lanes/file_index.h"

namespace venturi::lanes {

struct SdkLocation {
  std::string include;  // the folder that holds venturi/*.h
  std::string archive;  // libventuri.a
};
// Beside the running program (<prefix>/bin, include, lib), or where CMake built it.
[[nodiscard]] SdkLocation default_sdk();

// The compilers that are looked for, in this order: [compiler] command, or where it is empty those that are known to do.
[[nodiscard]] std::vector<std::string> compiler_names(const std::string& command);

struct CompileOptions {
  std::string compiler;            // path or name; empty: the first of compiler_names() that is there
  std::vector<std::string> flags;  // after Venturi's own, so that they win
  SdkLocation sdk;                 // empty members: default_sdk()
  int jobs = 2;
  std::chrono::milliseconds timeout{std::chrono::seconds(120)};
  std::uint64_t memory_bytes = 3UL << 30;
};

struct Toolchain {
  std::string compiler;  // absolute
  bool is_clang = false;
  SdkLocation sdk;
  std::vector<std::string> compile_flags, link_flags;
  // Equal for equal compiler version, flags and contents of the SDK: a program is built anew when it differs.
  std::string identity;
  // The same with the times of the headers, which clang compares before it takes a precompiled one.
  std::string header_identity;
  FileStamp compiler_stamp, archive_stamp;
};

// Finds the toolchain once and keeps it until compiler or archive change on disk.
class ToolchainFinder {
 public:
  using OnFound = std::function<void(const Result<Toolchain>&)>;

  ToolchainFinder(EventLoop& loop, CompileOptions options, std::string dags_folder, FileIndex& index);

  // nullptr where find() has to be asked. Valid until the next call of either.
  [[nodiscard]] const Toolchain* current();
  // `found` is called from the loop. An error tells what to install.
  void find(OnFound found);

 private:
  void start();
  void on_version(const ChildEnd& end);
  void on_archive(const Result<HashedFile>& hashed);
  [[nodiscard]] Result<void> complete(const std::string& archive_hash);
  void answer();

  EventLoop& loop_;
  CompileOptions options_;
  std::string dags_folder_;
  FileIndex& index_;
  FileHasher hasher_;
  std::unique_ptr<ChildProcess> child_;
  std::string version_;
  Toolchain finding_;
  Result<Toolchain> outcome_;
  bool has_outcome_ = false;
  std::vector<OnFound> waiting_;
  std::shared_ptr<ToolchainFinder*> alive_ = std::make_shared<ToolchainFinder*>(this);
};

}  // namespace venturi::lanes
