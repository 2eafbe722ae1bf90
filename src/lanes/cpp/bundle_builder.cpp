#include "lanes/cpp/bundle_builder.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "lanes/content_key.h"
#include "lanes/program_store.h"

namespace venturi::lanes {

namespace fs = std::filesystem;

namespace {

std::string find_pkg_config() {
  for (const char* path : {"/usr/bin/pkg-config", "/usr/local/bin/pkg-config"}) {
    if (::access(path, X_OK) == 0) return path;
  }
  return {};
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\t') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

// The SDK's headers are precompiled with the toolchain's flags: a macro or another standard more, and the compiler refuses
// them.
bool fits_precompiled_header(const BundleConfig& config, const std::vector<std::string>& flags) {
  return config.standard == 20 && config.is_static &&
         std::ranges::all_of(flags, [](const std::string& f) { return f.starts_with("-W") || f.starts_with("-I"); });
}

}  // namespace

struct BundleBuilder::Work {
  Toolchain toolchain;
  Bundle bundle;
  Compiler::OnBuilt built;
  std::string objects;                           // the folder
  std::vector<std::string> flags;                // of the compiler, all of them
  std::vector<std::string> linked;               // behind the objects
  std::vector<std::string> own;                  // flags of the bundle
  std::map<std::size_t, std::string> object_of;  // by number of the source
  std::set<std::string> includes;
  std::map<std::size_t, Error> errors;
  std::size_t waiting_for = 0;
  std::int64_t started_at_ns = 0;
  Fd lock;

  [[nodiscard]] std::string line_of(std::string_view key) const {
    const auto line = bundle.config.lines.find(key);
    return bundle.file + (line != bundle.config.lines.end() ? ":" + std::to_string(line->second) : "");
  }
};

BundleBuilder::BundleBuilder(Compiler& compiler, FileIndex& index, std::string dags_folder, const std::string& cache)
    : compiler_(compiler), index_(index), dags_folder_(std::move(dags_folder)), objects_(cache + "/objects") {}

std::string BundleBuilder::objects_of(const std::string& folder) const {
  return objects_ + "/" + content_key({"venturi objects 1", folder}).substr(0, 24);
}

void BundleBuilder::build(const Toolchain& toolchain, Bundle bundle, Compiler::OnBuilt built) {
  auto work = std::make_shared<Work>();
  work->toolchain = toolchain;
  work->bundle = std::move(bundle);
  work->built = std::move(built);
  work->started_at_ns = wall_clock_ns();
  work->objects = objects_of(work->bundle.folder);
  if (auto made = make_folder(work->objects + "/index"); !made) return work->built(std::unexpected(made.error()));
  auto lock = lock_file(work->objects + "/lock");
  if (!lock) return work->built(std::unexpected(lock.error()));
  work->lock = std::move(*lock);
  const BundleConfig& config = work->bundle.config;
  for (const std::string& include : config.include) {
    const std::string path = (fs::path(work->bundle.folder) / include).lexically_normal().string();
    std::error_code error;
    if (!fs::is_directory(path, error))
      return work->built(
          fail(ErrorKind::not_found,
               "include: there is no folder " + include + " in " + fs::path(work->bundle.file).parent_path().string(),
               work->line_of("include")));
    work->own.push_back("-I" + path);
  }
  work->own.insert(work->own.end(), config.flags.begin(), config.flags.end());
  for (const std::string& library : config.libraries) work->linked.push_back("-l" + library);
  if (config.pkg_config.empty()) return compile(work);
  ask_pkg_config(work);
}

void BundleBuilder::ask_pkg_config(const WorkPointer& work) {
  BuildStep step;
  step.program = find_pkg_config();
  if (step.program.empty())
    return work->built(fail(ErrorKind::not_found, "pkg_config needs the program pkg-config", work->line_of("pkg_config"),
                            "install it: apt-get install pkg-config"));
  // One after the other would tell no more: all that is missing stands in its answer.
  step.arguments = [work](const std::string&, const std::string&) {
    std::vector<std::string> arguments = {"--cflags", "--libs", "--print-errors"};
    if (work->bundle.config.is_static) arguments.emplace_back("--static");
    arguments.insert(arguments.end(), work->bundle.config.pkg_config.begin(), work->bundle.config.pkg_config.end());
    return arguments;
  };
  step.failure = work->line_of("pkg_config") + ": a module is not installed, or has another name; install its -dev package";
  compiler_.run(work->toolchain, std::move(step), [this, work](const Result<Built>& answer) {
    if (!answer) return work->built(std::unexpected(answer.error()));
    for (std::string& word : words_of(answer->output)) {
      const bool is_linked =
          word.starts_with("-l") || word.starts_with("-L") || word.starts_with("-Wl,") || word.ends_with(".a");
      (is_linked ? work->linked : work->own).push_back(std::move(word));
    }
    compile(work);
  });
}

void BundleBuilder::compile(const WorkPointer& work) {
  const BundleConfig& config = work->bundle.config;
  work->flags = work->toolchain.compile_flags;
  if (!config.is_static) std::erase(work->flags, "-static");
  if (config.standard != 20) work->flags.push_back("-std=c++" + std::to_string(config.standard));
  work->flags.push_back("-I" + work->bundle.folder);
  work->flags.insert(work->flags.end(), work->own.begin(), work->own.end());
  // Until all were begun nobody is the last.
  work->waiting_for = 1;
  for (std::size_t number = 0; number < work->bundle.sources.size(); ++number) compile_source(work, number);
  if (--work->waiting_for == 0) link(work);
}

void BundleBuilder::compile_source(const WorkPointer& work, std::size_t number) {
  const std::string source = work->bundle.folder + "/" + work->bundle.sources[number];
  const std::optional<FileStamp> stamp = stamp_of(source);
  const auto text = read_file(source);
  const auto hash = index_.hash_now(source);
  if (!hash || !text) {
    work->errors.emplace(number, hash ? text.error() : hash.error());
    return;
  }
  std::vector<std::string_view> fields = {"venturi object 1", source, *hash, work->toolchain.identity};
  fields.insert(fields.end(), work->flags.begin(), work->flags.end());
  const std::string key = content_key(fields);
  if (const auto known = CompileCache(work->objects + "/index", index_).find(key)) {
    const std::string object = work->objects + "/" + known->program_hash;
    if (::access(object.c_str(), R_OK) == 0) {
      work->object_of[number] = object;
      work->includes.insert(known->includes.begin(), known->includes.end());
      return;
    }
  }
  // A helper that does not know Venturi is read without its headers: they would lend it what it forgot to include.
  const bool takes_header =
      fits_precompiled_header(work->bundle.config, work->own) && text->find("venturi/") != std::string::npos;
  BuildStep step;
  step.arguments = [work, source, takes_header](const std::string& folder, const std::string& header) {
    std::vector<std::string> arguments = work->flags;
    if (takes_header && !header.empty()) arguments.insert(arguments.end(), {"-include", header});
    arguments.insert(arguments.end(), {"-MMD", "-MF", folder + "/depends", "-c", "-o", folder + "/object", source});
    return arguments;
  };
  step.product = "object";
  step.source = source;
  ++work->waiting_for;
  compiler_.run(work->toolchain, std::move(step), [this, work, number, key, source, stamp](const Result<Built>& object) {
    // What was compiled is perhaps neither the old nor the new content.
    if (stamp_of(source) == stamp)
      compiled(work, number, key, object);
    else
      work->errors.emplace(number, Error{ErrorKind::conflict, "changed while it was compiled", source, {}});
    if (--work->waiting_for == 0) link(work);
  });
}

void BundleBuilder::compiled(const WorkPointer& work, std::size_t number, const std::string& key, const Result<Built>& object) {
  if (!object) {
    work->errors.emplace(number, object.error());
    return;
  }
  const std::string name =
      stem_of(work->bundle.sources[number]) + "-" + key.substr(0, 24) + "-" + std::to_string(object->started_at_ns) + ".o";
  const std::string path = work->objects + "/" + name;
  if (::rename(object->program.c_str(), path.c_str()) != 0) {
    work->errors.emplace(number, Error{ErrorKind::unavailable, "a compiled object cannot be renamed", path, {}});
    return;
  }
  // Where a header changed meanwhile it is compiled again, since the change is noticed as any other.
  (void)CompileCache(work->objects + "/index", index_).add(key, {object->includes, name}, object->started_at_ns);
  work->object_of[number] = path;
  work->includes.insert(object->includes.begin(), object->includes.end());
}

void BundleBuilder::link(const WorkPointer& work) {
  if (!work->errors.empty()) {
    Error error = work->errors.begin()->second;
    std::string others;
    for (auto it = std::next(work->errors.begin()); it != work->errors.end(); ++it)
      others += (others.empty() ? "" : ", ") + work->bundle.sources[it->first];
    if (!others.empty()) error.what += "\nAlso in error: " + others;
    return work->built(std::unexpected(std::move(error)));
  }
  BuildStep step;
  step.arguments = [work](const std::string& folder, const std::string&) {
    std::vector<std::string> arguments;
    if (work->bundle.config.is_static) arguments.emplace_back("-static");
    for (const auto& [number, object] : work->object_of) arguments.push_back(object);
    const auto& mine = work->bundle.config.link_flags;
    arguments.insert(arguments.end(), work->toolchain.link_flags.begin(), work->toolchain.link_flags.end());
    arguments.insert(arguments.end(), mine.begin(), mine.end());
    arguments.insert(arguments.end(), work->linked.begin(), work->linked.end());
    arguments.insert(arguments.end(), {"-o", folder + "/program"});
    return arguments;
  };
  step.product = "program";
  step.failure = "its sources compile, but do not go together";
  compiler_.run(work->toolchain, std::move(step), [this, work](const Result<Built>& program) {
    if (!program) return work->built(std::unexpected(program.error()));
    remove_old_objects(*work);
    Built all = *program;
    all.includes = {work->includes.begin(), work->includes.end()};
    all.started_at_ns = work->started_at_ns;
    work->built(all);
  });
}

void BundleBuilder::remove_old_objects(const Work& work) const {
  std::set<std::string> used;
  for (const auto& [number, object] : work.object_of) used.insert(object);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(work.objects, error)) {
    if (entry.path().extension() == ".o" && !used.contains(entry.path().string())) fs::remove(entry.path(), error);
  }
  CompileCache(work.objects + "/index", index_).forget([&](const std::string& name) {
    return ::access((work.objects + "/" + name).c_str(), R_OK) != 0;
  });
}

void BundleBuilder::keep_only(const std::set<std::string>& folders) const {
  std::set<std::string> kept;
  for (const std::string& folder : folders) kept.insert(objects_of(folder));
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(objects_, error)) {
    if (!kept.contains(entry.path().string())) fs::remove_all(entry.path(), error);
  }
}

}  // namespace venturi::lanes
