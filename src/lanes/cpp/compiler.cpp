#include "lanes/cpp/compiler.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "lanes/cpp/compile_errors.h"
#include "lanes/cpp/depfile.h"

namespace venturi::lanes {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_output = 1UL << 30;

// All headers of the SDK: a precompiled header costs a compilation only what it uses of it.
std::string all_headers(const std::string& include) {
  std::error_code error;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(include + "/venturi", error)) {
    if (entry.path().extension() == ".h") names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  std::string text;
  for (const std::string& name : names) text += "#include <venturi/" + name + ">\n";
  return text;
}

}  // namespace

struct Compiler::Job {
  Toolchain toolchain;
  BuildStep step;
  OnBuilt built;
  std::string folder;
  std::int64_t started_at_ns = 0;
  std::unique_ptr<ChildProcess> child;

  ~Job() {
    child.reset();
    std::error_code error;  // what stays is removed with the next start
    if (!folder.empty()) fs::remove_all(folder, error);
  }
};

Compiler::Compiler(EventLoop& loop, const CompileOptions& options, std::string dags_folder, const std::string& cache,
                   ProgramStore& store)
    : loop_(loop), options_(options), dags_folder_(std::move(dags_folder)), headers_(cache + "/pch"), store_(store) {}

Compiler::~Compiler() = default;

void Compiler::build(const Toolchain& toolchain, const std::string& source, OnBuilt built) {
  BuildStep step;
  step.arguments = [toolchain, source](const std::string& folder, const std::string& header) {
    std::vector<std::string> arguments = toolchain.compile_flags;
    if (!header.empty()) arguments.insert(arguments.end(), {"-include", header});
    arguments.insert(arguments.end(), {"-MMD", "-MF", folder + "/depends", "-o", folder + "/program", source});
    arguments.insert(arguments.end(), toolchain.link_flags.begin(), toolchain.link_flags.end());
    return arguments;
  };
  step.product = "program";
  step.source = source;
  run(toolchain, std::move(step), std::move(built));
}

void Compiler::run(const Toolchain& toolchain, BuildStep step, OnBuilt built) {
  auto job = std::make_unique<Job>();
  job->toolchain = toolchain;
  job->step = std::move(step);
  job->built = std::move(built);
  waiting_.push_back(std::move(job));
  start_next();
}

void Compiler::start_next() {
  if (header_ == Header::making || waiting_.empty()) return;
  if (header_ == Header::none || waiting_.front()->toolchain.header_identity != header_identity_) {
    if (!running_.empty()) return;  // they read the header that is replaced now
    return make_header(waiting_.front()->toolchain);
  }
  while (!waiting_.empty() && running_.size() < static_cast<std::size_t>(std::max(1, options_.jobs)) &&
         waiting_.front()->toolchain.header_identity == header_identity_) {
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    start(std::move(job));
  }
}

ChildSpec Compiler::spec(const std::string& program, std::vector<std::string> arguments, const std::string& folder,
                         int patience) const {
  ChildSpec s;
  s.program = program;
  s.arguments = std::move(arguments);
  s.environment = clean_environment();
  // Messages are read by useful_compiler_lines(), and temporary files must go when the compiler is killed.
  std::erase_if(s.environment, [](const std::string& e) { return e.starts_with("LANG="); });
  s.environment.emplace_back("LANG=C.UTF-8");
  s.environment.push_back("TMPDIR=" + folder);
  s.directory = dags_folder_;
  s.memory_bytes = options_.memory_bytes;
  s.timeout = options_.timeout * patience;
  // A driver's own children do not die with the server as the driver does; this ends them.
  s.cpu_seconds = static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(options_.timeout).count()) + 1;
  s.file_bytes = largest_output;
  return s;
}

void Compiler::make_header(const Toolchain& toolchain) {
  header_identity_ = toolchain.header_identity;
  header_folder_ = headers_ + "/" + header_identity_.substr(0, 32);
  const std::string header = header_folder_ + "/venturi_sdk.h";
  header_final_ = header + (toolchain.is_clang ? ".pch" : ".gch");
  if (::access(header_final_.c_str(), R_OK) == 0) {
    header_ = Header::made;
    return start_next();
  }
  std::error_code error;
  fs::remove_all(headers_, error);  // those of other toolchains: tens of megabytes each
  header_ = Header::failed;         // until it is made: compilations then go without
  if (!make_folder(header_folder_) || !write_file(header, all_headers(toolchain.sdk.include))) return start_next();
  header_temporary_ = header_final_ + "." + std::to_string(::getpid()) + ".tmp";
  std::vector<std::string> arguments = toolchain.compile_flags;
  // Else each compilation that uses the header instantiates its templates anew: 0.1 s. (g++ has no such flag.)
  if (toolchain.is_clang) arguments.emplace_back("-fpch-instantiate-templates");
  arguments.insert(arguments.end(), {"-x", "c++-header", header, "-o", header_temporary_});
  header_ = Header::making;
  header_child_ = std::make_unique<ChildProcess>(loop_, spec(toolchain.compiler, std::move(arguments), header_folder_, 1),
                                                 [this](const ChildEnd& end) { header_ended(end); });
}

void Compiler::header_ended(const ChildEnd& end) {
  header_child_.reset();
  // Without it the files are compiled with the plain headers: slower, and what is wrong with those shows there.
  const bool made =
      end.kind == ChildEnd::Kind::exited && end.value == 0 && ::rename(header_temporary_.c_str(), header_final_.c_str()) == 0;
  header_ = made ? Header::made : Header::failed;
  start_next();
}

void Compiler::start(std::unique_ptr<Job> job) {
  Job& j = *job;
  running_.push_back(std::move(job));
  auto folder = store_.temporary_folder();
  if (!folder) {
    loop_.post([alive = std::weak_ptr(alive_), &j, error = folder.error()] {
      if (const auto self = alive.lock()) (*self)->finish(j, std::unexpected(error));
    });
    return;
  }
  j.folder = *folder;
  if (j.step.program.empty()) j.step.program = j.toolchain.compiler;
  auto arguments = j.step.arguments(j.folder, header_ == Header::made ? header_folder_ + "/venturi_sdk.h" : "");
  j.started_at_ns = wall_clock_ns();
  j.child = std::make_unique<ChildProcess>(loop_, spec(j.step.program, std::move(arguments), j.folder, j.step.patience),
                                           [this, &j](const ChildEnd& end) { finish(j, outcome(j, end)); });
}

void Compiler::finish(Job& job, const Result<Built>& built) {
  const auto at = std::ranges::find_if(running_, [&](const auto& r) { return r.get() == &job; });
  const std::unique_ptr<Job> over = std::move(*at);
  running_.erase(at);
  start_next();
  over->built(built);
}

Result<Built> Compiler::outcome(const Job& job, const ChildEnd& end) const {
  const std::string name = fs::path(job.step.program).filename().string();
  std::string said = useful_compiler_lines(end.output, dags_folder_, job.toolchain.sdk.include);
  if (!said.empty()) said = "\n" + said;
  switch (end.kind) {
    case ChildEnd::Kind::not_started:
      return fail(ErrorKind::unavailable,
                  "it was not compiled: " + name + " could not be started: " + std::strerror(end.value));
    case ChildEnd::Kind::timed_out:
      return fail(ErrorKind::exhausted,
                  "it was not compiled: " + name + " took more than " +
                      std::to_string(std::chrono::ceil<std::chrono::seconds>(options_.timeout * job.step.patience).count()) +
                      " s and was ended; make the file smaller, or raise the time that compilers get" + said);
    case ChildEnd::Kind::signaled:
      return fail(ErrorKind::exhausted, "it was not compiled: " + name + " was killed by signal " + std::to_string(end.value) +
                                            " (" + ::strsignal(end.value) + "); it may use " +
                                            std::to_string(options_.memory_bytes >> 20) + " MiB of memory" + said);
    case ChildEnd::Kind::exited:
      break;
  }
  if (end.value != 0) return fail(ErrorKind::invalid, job.step.failure + " (" + name + "):" + said);
  Built built{job.folder + "/" + job.step.product, {}, job.started_at_ns, end.output};
  if (!job.step.product.empty() && ::access(built.program.c_str(), R_OK) != 0)
    return fail(ErrorKind::unavailable,
                "it was not compiled: " + name + " reported success but left no " + job.step.product + said);
  if (job.step.source.empty()) return built;
  auto includes = includes_of(job);
  if (!includes) return std::unexpected(includes.error());
  built.includes = std::move(*includes);
  return built;
}

Result<std::vector<std::string>> Compiler::includes_of(const Job& job) const {
  const auto depends = read_file(job.folder + "/depends");
  if (!depends) return fail(ErrorKind::unavailable, "it was not compiled: the compiler left no list of the included files");
  std::vector<std::string> includes;
  for (std::string& path : parse_depfile(*depends)) {
    if (path.front() != '/') path.insert(0, dags_folder_ + "/");
    path = fs::path(path).lexically_normal().string();
    if (path == job.step.source || path.starts_with(headers_ + "/") || path.starts_with(job.toolchain.sdk.include + "/"))
      continue;
    includes.push_back(std::move(path));
  }
  return includes;
}

}  // namespace venturi::lanes
