// Compilers (and CMake) for the DAGs folder: few at a time, each under limits of time and memory, in a process group of its
// own. The headers of the SDK are precompiled once for each toolchain ($VENTURI_HOME/cache/pch).
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "lanes/child_process.h"
#include "lanes/cpp/toolchain.h"
#include "lanes/program_store.h"

namespace venturi::lanes {

// One process. Its working directory is the DAGs folder.
struct BuildStep {
  std::string program;  // absolute; empty: the compiler
  // `folder`: a temporary one that is removed after the call of `built`; `header`: of the SDK's headers, to be included first,
  // or empty where there is none.
  std::function<std::vector<std::string>(const std::string& folder, const std::string& header)> arguments;
  std::string product;  // what it leaves in the folder; empty: nothing there
  std::string source;   // absolute; one that is compiled leaves FOLDER/depends
  std::string failure = "it does not compile";
  int patience = 1;  // times the time that one compiler gets, for what starts several
};

struct Built {
  std::string program;                // or other product, in a temporary folder that is removed after the call
  std::vector<std::string> includes;  // the user's own headers, absolute
  std::int64_t started_at_ns = 0;     // wall clock
  std::string output;                 // what was printed
  bool stays = false;                 // the program lies somewhere else, and is not removed
};

class Compiler {
 public:
  // An error's `what` is for users: what the compiler said of their file.
  using OnBuilt = std::function<void(const Result<Built>&)>;

  // `cache`: $VENTURI_HOME/cache.
  Compiler(EventLoop& loop, const CompileOptions& options, std::string dags_folder, const std::string& cache,
           ProgramStore& store);
  ~Compiler();
  Compiler(const Compiler&) = delete;
  Compiler& operator=(const Compiler&) = delete;

  // `source` is absolute. `built` is called from the loop.
  void build(const Toolchain& toolchain, const std::string& source, OnBuilt built);
  void run(const Toolchain& toolchain, BuildStep step, OnBuilt built);

 private:
  struct Job;
  enum class Header { none, making, made, failed };

  void start_next();
  void make_header(const Toolchain& toolchain);
  void header_ended(const ChildEnd& end);
  void start(std::unique_ptr<Job> job);
  void finish(Job& job, const Result<Built>& built);
  [[nodiscard]] Result<Built> outcome(const Job& job, const ChildEnd& end) const;
  [[nodiscard]] Result<std::vector<std::string>> includes_of(const Job& job) const;
  [[nodiscard]] ChildSpec spec(const std::string& program, std::vector<std::string> arguments, const std::string& folder,
                               int patience) const;

  EventLoop& loop_;
  CompileOptions options_;
  std::string dags_folder_, headers_;
  ProgramStore& store_;
  std::deque<std::unique_ptr<Job>> waiting_;
  std::list<std::unique_ptr<Job>> running_;
  Header header_ = Header::none;
  std::string header_identity_, header_folder_, header_temporary_, header_final_;
  std::unique_ptr<ChildProcess> header_child_;
  std::shared_ptr<Compiler*> alive_ = std::make_shared<Compiler*>(this);  // what is posted to the loop looks whether we are
};

}  // namespace venturi::lanes
