#include "lanes/cpp/cpp_lane.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "base/json.h"
#include "lanes/content_key.h"
#include "lanes/cpp/elf_file.h"
#include "lanes/project_folder.h"

namespace venturi::lanes {

namespace {

constexpr std::uint64_t largest_source = 4UL << 20;
constexpr std::size_t most_inputs = 5000;  // of a CMake project

bool is_build_folder(const std::string& folder) {
  return ::access((folder + "CMakeCache.txt").c_str(), F_OK) == 0;
}

bool is_library_name(std::string_view file) {
  const std::size_t slash = file.find_last_of('/');
  if (slash != std::string_view::npos) file.remove_prefix(slash + 1);
  return file.ends_with(".so") || file.find(".so.") != std::string_view::npos;
}

}  // namespace

CppLane::CppLane(EventLoop& loop, CppLaneOptions options, std::string dags_folder, std::string bundle, const std::string& cache,
                 ProgramStore& store, FileIndex& index, FilesBelow files_below)
    : loop_(loop),
      options_(std::move(options)),
      dags_folder_(std::move(dags_folder)),
      bundle_(std::move(bundle)),
      store_(store),
      index_(index),
      compile_cache_(cache + "/compiled", index),
      toolchains_(loop, options_.compile, dags_folder_, index),
      files_below_(std::move(files_below)),
      bundles_(compiler_, index, dags_folder_, cache),
      cmake_(compiler_, options_.compile.jobs, dags_folder_, cache),
      compiler_(loop, options_.compile, dags_folder_, cache, store) {}

CppLane::~CppLane() {
  // Work and its callbacks refer to each other.
  for (const WorkPointer& work : in_work_) work->description.reset();
}

CppLane::Kind CppLane::kind_of(const std::string& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return Kind::none;
  if (file.ends_with(".cpp")) {
    const auto text = read_file(file);
    return text && text->find("venturi") != std::string::npos ? Kind::source : Kind::none;
  }
  if ((status.st_mode & 0111) == 0 || is_library_name(file)) return Kind::none;
  return is_complete_program(file) ? Kind::program : Kind::none;
}

void CppLane::load(const std::string& relative, OnLoaded loaded) {
  auto work = std::make_shared<Work>();
  work->relative = relative;
  work->absolute = dags_folder_ + "/" + relative;
  work->name = stem_of(relative);
  work->loaded = std::move(loaded);
  in_work_.push_back(work);
  if (relative == bundle_file)
    finish(work, Error{ErrorKind::invalid, "it makes its folder one program, and the DAGs folder itself cannot be one",
                       relative, "move it with its sources into a folder of their own"});
  else if (relative.ends_with(".cpp") || !project_of(relative).empty())
    load_source(work);
  else
    load_program(work);
}

void CppLane::load_program(const WorkPointer& work) {
  if (const auto program = store_.find_unchanged(work->absolute)) return stored(work, *program);
  store_.take(work->absolute, work->name, [this, work](const Result<StoredProgram>& program) { stored(work, program); });
}

void CppLane::load_source(const WorkPointer& work) {
  if (const Toolchain* toolchain = toolchains_.current()) return with_toolchain(work, *toolchain);
  toolchains_.find([this, work](const Result<Toolchain>& toolchain) {
    if (!toolchain) return finish(work, toolchain.error());
    with_toolchain(work, *toolchain);
  });
}

void CppLane::with_toolchain(const WorkPointer& work, const Toolchain& toolchain) {
  if (work->relative.ends_with(bundle_file)) return load_bundle(work, toolchain);
  if (work->relative.ends_with(cmake_file)) return load_cmake(work, toolchain);
  if (is_in_cache(work, toolchain, {work->absolute})) return;
  compiler_.build(toolchain, work->absolute, [this, work](const Result<Built>& b) { built(work, b); });
}

bool CppLane::is_in_cache(const WorkPointer& work, const Toolchain& toolchain, const std::vector<std::string>& sources) {
  std::vector<std::string> fields = {"venturi compile 2", toolchain.identity};
  for (const std::string& source : sources) {
    const std::optional<FileStamp> stamp = stamp_of(source);
    work->sources.emplace_back(source, stamp);
    fields.push_back(source);
    // What is that large is data: it counts by its time.
    if (stamp && stamp->size > largest_source) {
      fields.push_back(std::to_string(stamp->size) + " " + std::to_string(stamp->mtime_ns));
      continue;
    }
    auto hash = index_.hash_now(source);
    if (!hash) return finish(work, hash.error()), true;
    fields.push_back(std::move(*hash));
  }
  work->compile_key = content_key({fields.begin(), fields.end()});
  if (auto compiled = compile_cache_.find(work->compile_key)) {
    if (const auto program = store_.find(compiled->program_hash, work->name)) {
      work->outcome.includes = std::move(compiled->includes);
      return stored(work, *program), true;
    }
  }
  return false;
}

void CppLane::load_bundle(const WorkPointer& work, const Toolchain& toolchain) {
  const std::string folder(project_of(work->relative));
  const auto text = read_file(work->absolute);
  if (!text) return finish(work, text.error());
  auto config = read_bundle_config(*text, work->relative);
  if (!config) return finish(work, config.error());
  if (!config->name.empty()) work->name = config->name;
  std::vector<std::string> paths;
  for (const std::string& path : files_below_(folder)) paths.push_back(path.substr(folder.size() + 1));
  Bundle bundle{work->relative, dags_folder_ + "/" + folder, std::move(*config), {}};
  bundle.sources = sources_of(bundle.config, paths);
  if (bundle.sources.empty()) {
    const auto line = bundle.config.lines.find("sources");
    const std::string where = line == bundle.config.lines.end() ? "" : ":" + std::to_string(line->second);
    return finish(work, Error{ErrorKind::not_found, "no file in " + folder + " is one of its sources", work->relative + where,
                              "sources = [\"*.cpp\"], the default, are those directly in the folder; \"**/*.cpp\" are all"});
  }
  std::vector<std::string> sources = {work->absolute};
  for (const std::string& source : bundle.sources) sources.push_back(bundle.folder + "/" + source);
  if (is_in_cache(work, toolchain, sources)) return;
  bundles_.build(toolchain, std::move(bundle), [this, work](const Result<Built>& b) { built(work, b); });
}

void CppLane::load_cmake(const WorkPointer& work, const Toolchain& toolchain) {
  const std::string folder(project_of(work->relative));
  const auto files = files_below_(folder);
  std::vector<std::string> inputs;
  // A build folder that lies in the project changes with every build of its author's.
  std::string build_folder = "/";
  for (const std::string& file : files) {
    if (file.starts_with(build_folder)) continue;
    if (const std::string folder_of_file = file.substr(0, file.rfind('/') + 1);
        is_build_folder(dags_folder_ + "/" + folder_of_file)) {
      build_folder = folder_of_file;
      std::erase_if(inputs, [&](const std::string& input) { return input.starts_with(dags_folder_ + "/" + build_folder); });
      continue;
    }
    inputs.push_back(dags_folder_ + "/" + file);
  }
  if (inputs.size() > most_inputs)
    return finish(work, Error{ErrorKind::exhausted,
                              "the project has " + std::to_string(inputs.size()) + " files, and at most " +
                                  std::to_string(most_inputs) + " are watched",
                              work->relative, "name folders with data or builds in its .airflowignore"});
  if (is_in_cache(work, toolchain, inputs)) return;
  cmake_.build(toolchain, dags_folder_ + "/" + folder, [this, work](const Result<Built>& b) { built(work, b); });
}

void CppLane::built(const WorkPointer& work, const Result<Built>& built) {
  if (std::ranges::any_of(work->sources, [](const auto& source) { return stamp_of(source.first) != source.second; }))
    return finish(work, Error{ErrorKind::conflict, "changed while it was compiled", work->absolute, {}});
  if (!built) return finish(work, built.error());
  work->outcome.includes = built->includes;
  if (built->stays) {
    store_.take(built->program, work->name, [this, work, started = built->started_at_ns](const Result<StoredProgram>& taken) {
      if (taken) (void)compile_cache_.add(work->compile_key, {work->outcome.includes, taken->hash}, started);
      stored(work, taken);
    });
    return;
  }
  // The store copies it before the compiler's folder goes: take() only begins to read later, so it gets a name of its own.
  const auto folder = store_.temporary_folder();
  if (!folder) return finish(work, folder.error());
  const std::string program = *folder + "/" + work->name;
  if (::rename(built->program.c_str(), program.c_str()) != 0)
    return finish(work, Error{ErrorKind::unavailable, "the compiled program cannot be renamed", program, {}});
  store_.take(program, work->name,
              [this, work, program, folder = *folder, started = built->started_at_ns](const Result<StoredProgram>& taken) {
                ::unlink(program.c_str());
                ::rmdir(folder.c_str());
                // Where a header changed meanwhile it is compiled again, since the change is noticed as any other.
                if (taken) (void)compile_cache_.add(work->compile_key, {work->outcome.includes, taken->hash}, started);
                stored(work, taken);
              });
}

void CppLane::stored(const WorkPointer& work, const Result<StoredProgram>& program) {
  if (!program) return finish(work, program.error());
  work->outcome.program = *program;
  if (auto result = cached_description(*program, work->absolute)) {
    work->outcome.result = std::move(*result);
    return finish(work);
  }
  to_describe_.push_back(work);
  start_descriptions();
}

void CppLane::start_descriptions() {
  while (!to_describe_.empty() && describing_ < std::max(1, options_.describe_jobs)) {
    const WorkPointer work = std::move(to_describe_.front());
    to_describe_.pop_front();
    ++describing_;
    const DescribeRequest request{
        work->outcome.program->path,   work->absolute, dags_folder_, bundle_, options_.describe_timeout,
        options_.describe_memory_bytes};
    work->description = std::make_unique<Description>(
        loop_, request, [this, work](Result<Value> result) { described(work, std::move(result)); });
  }
}

void CppLane::described(const WorkPointer& work, Result<Value> result) {
  const std::unique_ptr<Description> over = std::move(work->description);
  --describing_;
  start_descriptions();
  if (!result) return finish(work, result.error());
  work->outcome.result = std::move(*result);
  // A cache that cannot be written costs an execution at the next start, nothing else.
  (void)write_file(description_path(*work->outcome.program, work->absolute), to_json(work->outcome.result));
  finish(work);
}

void CppLane::finish(const WorkPointer& work, std::optional<Error> error) {
  std::erase(in_work_, work);
  work->outcome.error = std::move(error);
  work->loaded(std::move(work->outcome));
}

std::string CppLane::description_path(const StoredProgram& program, const std::string& absolute) const {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? std::string_view(value) : std::string_view();
  };
  // All that a description may depend on beside the program itself.
  return store_.description_path(
      program, content_key({"venturi description 1", absolute, dags_folder_, bundle_, variable("TZ"), variable("LANG")}));
}

std::optional<Value> CppLane::cached_description(const StoredProgram& program, const std::string& absolute) const {
  const auto text = read_file(description_path(program, absolute));
  if (!text) return std::nullopt;
  auto json = parse_json(*text);
  if (!json) return std::nullopt;
  return std::move(*json);
}

Loaded CppLane::load_cached(const std::string& relative, const std::string& program_hash) {
  Loaded loaded;
  loaded.program = store_.find(program_hash, stem_of(relative));
  std::optional<Value> result;
  if (loaded.program) result = cached_description(*loaded.program, dags_folder_ + "/" + relative);
  if (result)
    loaded.result = std::move(*result);
  else
    loaded.error = Error{ErrorKind::not_found, "the cache no longer has its last program", relative, {}};
  return loaded;
}

void CppLane::forget_old(const std::set<std::string>& projects) {
  compile_cache_.forget([this](const std::string& program_hash) { return !store_.has(program_hash); });
  std::set<std::string> folders;
  for (const std::string& project : projects) folders.insert(dags_folder_ + "/" + std::string(project_of(project)));
  bundles_.keep_only(folders);
  cmake_.keep_only(folders);
}

std::vector<std::string> CppLane::programs_in_work() const {
  std::vector<std::string> paths;
  for (const WorkPointer& work : in_work_) {
    if (work->outcome.program) paths.push_back(work->outcome.program->path);
  }
  return paths;
}

}  // namespace venturi::lanes
