#include "lanes/program_store.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "lanes/cpp/elf_file.h"
#include "lanes/project_folder.h"

namespace venturi::lanes {

namespace fs = std::filesystem;

std::string stem_of(std::string_view path) {
  const std::string_view project = project_of(path);
  if (!project.empty()) path = project;
  const std::size_t slash = path.find_last_of('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  if (!project.empty()) return std::string(path);
  const std::size_t dot = path.find_last_of('.');
  if (dot != std::string_view::npos && dot > 0) path = path.substr(0, dot);
  return std::string(path);
}

ProgramStore::ProgramStore(EventLoop& loop, std::string cache, FileIndex& index)
    : loop_(loop),
      cache_(std::move(cache)),
      programs_(cache_ + "/programs"),
      temporary_(cache_ + "/tmp/" + std::to_string(::getpid())),
      index_(index),
      hasher_(loop) {}

Result<void> ProgramStore::open() {
  if (auto made = make_folder(programs_); !made) return made;
  if (auto made = make_folder(temporary_); !made) return made;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::path(temporary_).parent_path(), error)) {
    const std::string pid = entry.path().filename().string();
    if (entry.path() != temporary_ && !fs::exists("/proc/" + pid)) fs::remove_all(entry.path(), error);
  }
  return {};
}

ProgramStore::~ProgramStore() {
  std::error_code error;  // what stays is removed by the next open()
  fs::remove_all(temporary_, error);
}

std::optional<StoredProgram> ProgramStore::find(const std::string& hash, const std::string& name) {
  StoredProgram program{folder_of(hash) + "/" + name, hash};
  if (is_complete_program(program.path)) return program;
  // The same content under another name is linked: nobody writes into the store.
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_of(hash), error)) {
    if (!is_complete_program(entry.path().string())) continue;
    if (::link(entry.path().c_str(), program.path.c_str()) == 0 || errno == EEXIST) return program;
  }
  return std::nullopt;
}

bool ProgramStore::has(const std::string& hash) const {
  return !hash.empty() && ::access(folder_of(hash).c_str(), F_OK) == 0;
}

std::optional<StoredProgram> ProgramStore::find_unchanged(const std::string& file) {
  const auto stamp = stamp_of(file);
  if (!stamp) return std::nullopt;
  const auto hash = index_.find(file, *stamp);
  if (!hash) return std::nullopt;
  return find(*hash, stem_of(file));
}

void ProgramStore::take(const std::string& file, const std::string& name, OnStored done) {
  const std::string copy = temporary_ + "/" + std::to_string(next_temporary_++);
  hasher_.hash(file, copy, [this, file, name, copy, done = std::move(done)](Result<HashedFile> hashed) {
    if (!hashed) return done(std::unexpected(hashed.error()));
    index_.remember(file, hashed->stamp, hashed->hash, hashed->read_at_ns);
    done(move_in(copy, hashed->hash, name));
  });
}

Result<StoredProgram> ProgramStore::move_in(const std::string& temporary, const std::string& hash, const std::string& name) {
  if (auto there = find(hash, name)) {
    ::unlink(temporary.c_str());
    return *there;
  }
  StoredProgram program{folder_of(hash) + "/" + name, hash};
  auto made = make_folder(folder_of(hash));
  if (made && ::rename(temporary.c_str(), program.path.c_str()) != 0)
    made = fail(ErrorKind::unavailable, std::string("cannot be renamed into place: ") + std::strerror(errno), program.path);
  if (made) return program;
  ::unlink(temporary.c_str());
  return std::unexpected(made.error());
}

std::string ProgramStore::description_path(const StoredProgram& program, const std::string& key) const {
  return folder_of(program.hash) + "/described-" + key.substr(0, 32) + ".json";
}

Result<std::string> ProgramStore::temporary_folder() {
  std::string path = temporary_ + "/" + std::to_string(next_temporary_++);
  if (auto made = make_folder(path); !made) return std::unexpected(made.error());
  return path;
}

void ProgramStore::keep_only(const std::set<std::string>& paths) {
  std::error_code error;
  for (const auto& folder : fs::directory_iterator(programs_, error)) {
    bool used = false;
    for (const auto& entry : fs::directory_iterator(folder.path(), error)) {
      if (paths.contains(entry.path().string())) {
        used = true;
      } else if (::access(entry.path().c_str(), X_OK) == 0) {
        fs::remove(entry.path(), error);
      }
    }
    // What cannot be removed now is tried again with the next call.
    if (!used) fs::remove_all(folder.path(), error);
  }
}

}  // namespace venturi::lanes
