#include "lanes/cpp/toolchain.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/find_program.h"
#include "lanes/content_key.h"

namespace venturi::lanes {

namespace fs = std::filesystem;

namespace {

constexpr const char* install_hint =
    "install one: apt-get install clang-19 lld-19, or apt-get install g++; or put the compiled program into the DAGs folder";

// lld links a static program in a third of the time of Debian's ld. Debian installs it by version, under a name that only the
// clang of that version finds by itself.
std::vector<std::string> linker_flags(const std::string& compiler, bool is_clang) {
  std::error_code error;
  const fs::path real = fs::canonical(compiler, error);
  if (is_clang && !error && ::access((real.parent_path() / "ld.lld").c_str(), X_OK) == 0) return {"-fuse-ld=lld"};
  if (find_program("ld.lld")) return {"-fuse-ld=lld"};
  for (const char* folder : {"/usr/lib/llvm-19/bin"}) {
    if (!is_clang && ::access((std::string(folder) + "/ld.lld").c_str(), X_OK) == 0)
      return {std::string("-B") + folder, "-fuse-ld=lld"};
  }
  return {};
}

Result<std::vector<std::string>> sdk_headers(const std::string& include) {
  std::error_code error;
  std::vector<std::string> headers;
  for (const auto& entry : fs::recursive_directory_iterator(include + "/venturi", error)) {
    if (entry.is_regular_file()) headers.push_back(entry.path().string());
  }
  if (error || headers.empty())
    return fail(ErrorKind::not_found, "the headers of the C++ SDK are not in " + include + "/venturi", {},
                "install Venturi anew, or set the folder that holds them");
  std::ranges::sort(headers);
  return headers;
}

}  // namespace

SdkLocation default_sdk() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    const fs::path prefix = program.parent_path().parent_path();
    for (const char* lib : {"lib", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu", "lib64"}) {
      const fs::path archive = prefix / lib / "libventuri.a";
      if (fs::exists(archive, error) && fs::exists(prefix / "include/venturi", error))
        return {(prefix / "include").string(), archive.string()};
    }
  }
  return {VENTURI_BUILD_TREE_SDK_INCLUDE, VENTURI_BUILD_TREE_SDK_ARCHIVE};
}

ToolchainFinder::ToolchainFinder(EventLoop& loop, CompileOptions options, std::string dags_folder, FileIndex& index)
    : loop_(loop), options_(std::move(options)), dags_folder_(std::move(dags_folder)), index_(index), hasher_(loop) {}

const Toolchain* ToolchainFinder::current() {
  if (!has_outcome_ || !outcome_) return nullptr;
  if (stamp_of(outcome_->compiler) == outcome_->compiler_stamp && stamp_of(outcome_->sdk.archive) == outcome_->archive_stamp)
    return &*outcome_;
  has_outcome_ = false;
  return nullptr;
}

void ToolchainFinder::find(OnFound found) {
  waiting_.push_back(std::move(found));
  if (waiting_.size() == 1) start();
}

std::vector<std::string> compiler_names(const std::string& command) {
  if (!command.empty()) return {command};
  return {"clang++-19", "clang++", "g++", "c++"};
}

void ToolchainFinder::start() {
  finding_ = {};
  std::string candidates;
  for (const std::string& name : compiler_names(options_.compiler)) {
    if (auto path = find_program(name); path && finding_.compiler.empty()) finding_.compiler = *path;
    candidates += candidates.empty() ? name : ", " + name;
  }
  if (finding_.compiler.empty()) {
    outcome_ = fail(ErrorKind::not_found, "no C++ compiler to build it with; looked for " + candidates, {}, install_hint);
    loop_.post([alive = std::weak_ptr(alive_)] {
      if (const auto self = alive.lock()) (*self)->answer();
    });
    return;
  }
  ChildSpec spec;
  spec.program = finding_.compiler;
  spec.arguments = {"--version"};
  spec.environment = clean_environment();
  spec.directory = "/";
  spec.timeout = std::chrono::seconds(20);
  child_ = std::make_unique<ChildProcess>(loop_, std::move(spec), [this](const ChildEnd& end) { on_version(end); });
}

void ToolchainFinder::on_version(const ChildEnd& end) {
  child_.reset();
  if (end.kind != ChildEnd::Kind::exited || end.value != 0) {
    outcome_ = fail(ErrorKind::unavailable, finding_.compiler + " --version failed: " + end.output, {}, install_hint);
    return answer();
  }
  version_ = end.output;
  finding_.is_clang = version_.find("clang") != std::string::npos;
  finding_.sdk = options_.sdk;
  const SdkLocation found = default_sdk();
  if (finding_.sdk.include.empty()) finding_.sdk.include = found.include;
  if (finding_.sdk.archive.empty()) finding_.sdk.archive = found.archive;
  const auto stamp = stamp_of(finding_.sdk.archive);
  if (!stamp) {
    outcome_ = fail(ErrorKind::not_found, "the archive of the C++ SDK is not there: " + finding_.sdk.archive, {},
                    "install Venturi anew, or set where it lies");
    return answer();
  }
  if (const auto hash = index_.find(finding_.sdk.archive, *stamp)) return on_archive(HashedFile{*hash, *stamp, 0});
  hasher_.hash(finding_.sdk.archive, {}, [this](const Result<HashedFile>& hashed) {
    if (hashed) index_.remember(finding_.sdk.archive, hashed->stamp, hashed->hash, hashed->read_at_ns);
    on_archive(hashed);
  });
}

void ToolchainFinder::on_archive(const Result<HashedFile>& hashed) {
  if (!hashed) {
    outcome_ = std::unexpected(hashed.error());
    return answer();
  }
  finding_.archive_stamp = hashed->stamp;
  if (auto completed = complete(hashed->hash); !completed)
    outcome_ = std::unexpected(completed.error());
  else
    outcome_ = finding_;
  answer();
}

Result<void> ToolchainFinder::complete(const std::string& archive_hash) {
  Toolchain& t = finding_;
  const auto stamp = stamp_of(t.compiler);
  if (!stamp) return fail(ErrorKind::not_found, "the compiler went away: " + t.compiler, {}, install_hint);
  t.compiler_stamp = *stamp;
  // -static also when nothing is linked: clang defines a macro for it, and takes no precompiled header that was made without.
  t.compile_flags = {
      "-std=c++20",       "-O1", "-static", "-fdiagnostics-color=never", t.is_clang ? "-ferror-limit=10" : "-fmax-errors=10",
      "-I" + dags_folder_};
  // Compilers look there anyway, and behind libstdc++'s wrappers of C's headers, which -isystem would turn around.
  if (t.sdk.include != "/usr/include") t.compile_flags.insert(t.compile_flags.end(), {"-isystem", t.sdk.include});
  t.compile_flags.insert(t.compile_flags.end(), options_.flags.begin(), options_.flags.end());
  t.link_flags = {t.sdk.archive, "-Wl,--gc-sections,--strip-debug"};
  const auto linker = linker_flags(t.compiler, t.is_clang);
  t.link_flags.insert(t.link_flags.end(), linker.begin(), linker.end());

  const auto headers = sdk_headers(t.sdk.include);
  if (!headers) return std::unexpected(headers.error());
  std::vector<std::string> fields = {t.compiler, version_, archive_hash};
  fields.insert(fields.end(), t.compile_flags.begin(), t.compile_flags.end());
  fields.insert(fields.end(), t.link_flags.begin(), t.link_flags.end());
  std::vector<std::string> times;
  for (const std::string& header : *headers) {
    auto hash = index_.hash_now(header);
    if (!hash) return std::unexpected(hash.error());
    fields.push_back(header);
    fields.push_back(*hash);
    if (const auto header_stamp = stamp_of(header)) times.push_back(std::to_string(header_stamp->mtime_ns));
  }
  t.identity = content_key({fields.begin(), fields.end()});
  fields.insert(fields.end(), times.begin(), times.end());
  t.header_identity = content_key({fields.begin(), fields.end()});
  return {};
}

void ToolchainFinder::answer() {
  has_outcome_ = true;
  // What they ask for in return may start a search of its own.
  const auto waiting = std::exchange(waiting_, {});
  const Result<Toolchain> outcome = outcome_;
  for (const auto& found : waiting) found(outcome);
}

}  // namespace venturi::lanes
