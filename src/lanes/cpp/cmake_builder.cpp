#include "lanes/cpp/cmake_builder.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "base/text.h"
#include "lanes/content_key.h"
#include "lanes/cpp/depfile.h"
#include "lanes/project_folder.h"

namespace venturi::lanes {

namespace fs = std::filesystem;

namespace {

// What an installed Venturi has as cmake/venturi-config.cmake, for the SDK of this server, and with a record of the program.
constexpr const char* package = R"(# Written by Venturi for the CMake projects of its DAGs folder.
if(NOT TARGET venturi::sdk)
  add_library(venturi::sdk STATIC IMPORTED)
  set_target_properties(venturi::sdk PROPERTIES IMPORTED_LOCATION "@ARCHIVE@"
    INTERFACE_INCLUDE_DIRECTORIES "@INCLUDE@" INTERFACE_COMPILE_FEATURES cxx_std_20)
endif()

function(venturi_add_dag name)
  if(NOT ARGN)
    message(FATAL_ERROR "venturi_add_dag(${name}): name its source files")
  endif()
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE venturi::sdk)
  target_link_options(${name} PRIVATE -static -Wl,--gc-sections)
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/programs/${name} CONTENT "$<TARGET_FILE:${name}>")
endfunction()
)";
constexpr const char* package_version = R"(set(PACKAGE_VERSION "${PACKAGE_FIND_VERSION}")
set(PACKAGE_VERSION_COMPATIBLE TRUE)
set(PACKAGE_VERSION_EXACT TRUE)
)";

std::string with(std::string text, const std::string& mark, const std::string& value) {
  return text.replace(text.find(mark), mark.size(), value);
}

std::string find_cmake() {
  for (const char* path : {"/usr/bin/cmake", "/usr/local/bin/cmake"}) {
    if (::access(path, X_OK) == 0) return path;
  }
  return {};
}

// CMake names files by their place in the project; users, and all other errors, by that in the DAGs folder.
std::string with_project(std::string text, const std::string& project) {
  const std::string mark = "CMake Error at ";
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
    at += mark.size();
    if (at < text.size() && text[at] != '/') text.insert(at, project + "/");
  }
  return text;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

}  // namespace

struct CmakeBuilder::Work {
  Toolchain toolchain;
  std::string cmake, folder, build_folder, relative;  // relative: "shop/CMakeLists.txt"
  std::string target, program;
  std::int64_t started_at_ns = 0;
  bool is_fresh = false;
  Fd lock;
  Compiler::OnBuilt built;
};

CmakeBuilder::CmakeBuilder(Compiler& compiler, int jobs, std::string dags_folder, const std::string& cache)
    : compiler_(compiler), jobs_(jobs), dags_folder_(std::move(dags_folder)), folder_(cache + "/cmake") {}

std::string CmakeBuilder::place_of(const std::string& folder) const {
  return folder_ + "/" + content_key({"venturi cmake 1", folder}).substr(0, 24);
}

Result<void> CmakeBuilder::write_package(const Toolchain& toolchain) const {
  const std::string to = folder_ + "/package";
  if (auto made = make_folder(to); !made) return made;
  const std::string text = with(with(package, "@ARCHIVE@", toolchain.sdk.archive), "@INCLUDE@", toolchain.sdk.include);
  // A file that did not change keeps its time: CMake would configure all projects anew.
  for (const auto& [name, content] :
       {std::pair<std::string, std::string>{"venturi-config.cmake", text}, {"venturi-config-version.cmake", package_version}}) {
    const auto there = read_file(to + "/" + name);
    if (there && *there == content) continue;
    if (auto written = write_file(to + "/" + name, content); !written) return written;
  }
  return {};
}

void CmakeBuilder::build(const Toolchain& toolchain, const std::string& folder, Compiler::OnBuilt built) {
  auto work = std::make_shared<Work>();
  work->toolchain = toolchain;
  work->cmake = find_cmake();
  work->folder = folder;
  const std::string place = place_of(folder);
  work->build_folder = place + "/build";
  work->relative = folder.substr(dags_folder_.size() + 1) + "/CMakeLists.txt";
  work->started_at_ns = wall_clock_ns();
  work->built = std::move(built);
  if (work->cmake.empty() || ::access("/usr/bin/make", X_OK) != 0)
    return work->built(fail(ErrorKind::not_found, "a CMake project needs cmake and make", work->relative,
                            "install them: apt-get install cmake make; or name the sources in a venturi.toml"));
  if (auto written = write_package(toolchain); !written) return work->built(std::unexpected(written.error()));
  if (auto made = make_folder(place); !made) return work->built(std::unexpected(made.error()));
  auto lock = lock_file(place + "/lock");
  if (!lock) return work->built(std::unexpected(lock.error()));
  work->lock = std::move(*lock);
  std::error_code error;
  fs::remove_all(work->build_folder + "/programs", error);  // of targets that are gone by now
  // Another compiler than the one that it was configured with would make CMake begin anew in the middle.
  const auto identity = read_file(place + "/toolchain");
  if (!identity || *identity != toolchain.identity) fs::remove_all(work->build_folder, error);
  work->is_fresh = !fs::exists(work->build_folder, error);
  if (auto made = make_folder(work->build_folder); !made) return work->built(std::unexpected(made.error()));
  if (auto written = write_file(place + "/toolchain", toolchain.identity); !written)
    return work->built(std::unexpected(written.error()));
  configure(work);
}

void CmakeBuilder::configure(const WorkPointer& work) {
  BuildStep step;
  step.program = work->cmake;
  step.arguments = [work, package_folder = folder_ + "/package"](const std::string&, const std::string&) {
    return std::vector<std::string>{"-S", work->folder, "-B", work->build_folder, "-G", "Unix Makefiles", "-Wno-dev",
                                    "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_COMPILER=" + work->toolchain.compiler,
                                    "-Dventuri_DIR=" + package_folder,
                                    // As in single files, but for what the project says itself.
                                    "-DCMAKE_CXX_FLAGS_RELEASE=-O1", "-DCMAKE_COLOR_MAKEFILE=OFF"};
  };
  step.failure = "CMake cannot configure it";
  step.patience = 2;
  compiler_.run(work->toolchain, std::move(step), [this, work](const Result<Built>& done) {
    if (done) return configured(work);
    if (!work->is_fresh) {
      // Perhaps it is what a killed CMake left behind, and not the project.
      std::error_code ignored;
      fs::remove_all(work->build_folder, ignored);
      work->is_fresh = true;
      return configure(work);
    }
    Error error = done.error();
    error.what = with_project(error.what, std::string(project_of(work->relative)));
    work->built(std::unexpected(std::move(error)));
  });
}

void CmakeBuilder::configured(const WorkPointer& work) {
  const std::vector<std::string> targets = names_in(work->build_folder + "/programs");
  if (targets.size() != 1) {
    std::string names;
    for (const std::string& name : targets) names += (names.empty() ? "" : ", ") + name;
    return work->built(fail(ErrorKind::invalid,
                            targets.empty() ? "the project makes no DAG program"
                                            : "the project makes several DAG programs, " + names + ", and a folder is one",
                            work->relative,
                            targets.empty()
                                ? "write find_package(venturi REQUIRED) and venturi_add_dag(NAME source.cpp ...)"
                                : "give all sources to one venturi_add_dag(), or each program a folder of its own"));
  }
  work->target = targets.front();
  const auto program = read_file(work->build_folder + "/programs/" + work->target);
  if (!program) return work->built(std::unexpected(program.error()));
  work->program = std::string(trim(*program));
  BuildStep step;
  step.program = work->cmake;
  step.arguments = [work, jobs = jobs_](const std::string&, const std::string&) {
    return std::vector<std::string>{"--build",    work->build_folder, "--target",
                                    work->target, "--parallel",       std::to_string(jobs)};
  };
  step.failure = "it does not build";
  step.patience = 10;  // each compiler has the CPU time of one
  compiler_.run(work->toolchain, std::move(step), [this, work](const Result<Built>& done) {
    if (!done) return work->built(std::unexpected(done.error()));
    finished(work, *done);
  });
}

void CmakeBuilder::finished(const WorkPointer& work, const Built& built) const {
  Built program = built;
  program.program = work->program;
  program.stays = true;
  program.started_at_ns = work->started_at_ns;
  // Headers within the project are noticed with it; these lie elsewhere in the DAGs folder.
  std::set<std::string> includes;
  std::error_code error;
  for (auto it = fs::recursive_directory_iterator(work->build_folder, error);
       !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (it->path().extension() != ".d") continue;
    const auto text = read_file(it->path().string());
    if (!text) continue;
    for (const std::string& path : parse_depfile(*text)) {
      const std::string clean = fs::path(path).lexically_normal().string();
      if (clean.starts_with(dags_folder_ + "/") && !clean.starts_with(work->folder + "/")) includes.insert(clean);
    }
  }
  program.includes = {includes.begin(), includes.end()};
  work->built(program);
}

void CmakeBuilder::keep_only(const std::set<std::string>& folders) const {
  std::set<std::string> kept = {folder_ + "/package"};
  for (const std::string& folder : folders) kept.insert(place_of(folder));
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    if (!kept.contains(entry.path().string())) fs::remove_all(entry.path(), error);
  }
}

}  // namespace venturi::lanes
