#include "lanes/cpp/cpp_lane.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "base/json.h"
#include "lanes/content_key.h"
#include "lanes/cpp/elf_file.h"

namespace venturi::lanes {

namespace {

bool is_library_name(std::string_view file) {
  const std::size_t slash = file.find_last_of('/');
  if (slash != std::string_view::npos) file.remove_prefix(slash + 1);
  return file.ends_with(".so") || file.find(".so.") != std::string_view::npos;
}

}  // namespace

CppLane::CppLane(EventLoop& loop, CppLaneOptions options, std::string dags_folder, std::string bundle, const std::string& cache,
                 ProgramStore& store, FileIndex& index)
    : loop_(loop),
      options_(std::move(options)),
      dags_folder_(std::move(dags_folder)),
      bundle_(std::move(bundle)),
      store_(store),
      index_(index),
      compile_cache_(cache, index),
      toolchains_(loop, options_.compile, dags_folder_, index),
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
  if (relative.ends_with(".cpp"))
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
  work->source_stamp = stamp_of(work->absolute);
  const auto hash = index_.hash_now(work->absolute);
  if (!hash) return finish(work, hash.error());
  work->compile_key = CompileCache::key(work->absolute, *hash, toolchain.identity);
  if (auto compiled = compile_cache_.find(work->compile_key)) {
    if (const auto program = store_.find(compiled->program_hash, work->name)) {
      work->outcome.includes = std::move(compiled->includes);
      return stored(work, *program);
    }
  }
  compiler_.build(toolchain, work->absolute, [this, work](const Result<Built>& b) { built(work, b); });
}

void CppLane::built(const WorkPointer& work, const Result<Built>& built) {
  if (!built) return finish(work, built.error());
  work->outcome.includes = built->includes;
  if (stamp_of(work->absolute) != work->source_stamp)
    return finish(work, Error{ErrorKind::conflict, "changed while it was compiled", work->absolute, {}});
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

void CppLane::forget_missing_programs() {
  compile_cache_.forget([this](const std::string& program_hash) { return !store_.has(program_hash); });
}

std::vector<std::string> CppLane::programs_in_work() const {
  std::vector<std::string> paths;
  for (const WorkPointer& work : in_work_) {
    if (work->outcome.program) paths.push_back(work->outcome.program->path);
  }
  return paths;
}

}  // namespace venturi::lanes
