// For the tests: stands between SQLite and the real files. Fails a chosen write or sync, and keeps in a folder below theirs
// what a power cut would leave: of each file the content of its last sync, and no file whose removal was synced.
#pragma once

#include <sqlite3.h>

#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace venturi::store {

class FaultVfs {
 public:
  // Becomes SQLite's default until its end. `durable_folder`: where the synced contents of the files beside it go; files in
  // other folders are none of its business.
  explicit FaultVfs(std::string durable_folder) : real_(sqlite3_vfs_find(nullptr)), durable_(std::move(durable_folder)) {
    vfs_ = *real_;
    vfs_.zName = "fault";
    vfs_.pNext = nullptr;
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.pAppData = this;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    current = this;
    if (sqlite3_vfs_register(&vfs_, 1) != SQLITE_OK) throw std::runtime_error("no VFS");
  }
  ~FaultVfs() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
    current = nullptr;
  }
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  // The n-th from now on (1: the next) and all after it fail so, until they are allowed again; 0: none.
  int fail_write_at = 0, fail_sync_at = 0;
  int write_error = SQLITE_FULL, sync_error = SQLITE_IOERR_FSYNC;
  int syncs = 0;

 private:
  struct File {
    sqlite3_file base;
    char name[512];
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  static File* self(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
  static sqlite3_file* real(sqlite3_file* file) { return self(file)->real(); }

  static bool due(int& countdown) {
    if (countdown > 1) return --countdown, false;
    return countdown == 1;
  }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    static const sqlite3_io_methods methods = make_methods();
    File* f = self(file);
    f->name[0] = '\0';
    if (name != nullptr) std::strncpy(f->name, name, sizeof f->name - 1);
    f->name[sizeof f->name - 1] = '\0';
    f->real()->pMethods = nullptr;
    const int code = current->real_->xOpen(current->real_, name, f->real(), flags, out_flags);
    f->base.pMethods = f->real()->pMethods != nullptr ? &methods : nullptr;
    return code;
  }
  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    if (due(current->fail_write_at)) return current->write_error;
    return real(file)->pMethods->xWrite(real(file), data, size, offset);
  }
  static int sync(sqlite3_file* file, int flags) {
    if (due(current->fail_sync_at)) return current->sync_error;
    const int code = real(file)->pMethods->xSync(real(file), flags);
    if (code == SQLITE_OK) {
      ++current->syncs;
      const char* name = self(file)->name;
      if (current->is_kept(name)) {
        std::filesystem::copy_file(name, current->kept(name), std::filesystem::copy_options::overwrite_existing);
      }
    }
    return code;
  }
  static int remove(sqlite3_vfs*, const char* name, int sync_folder) {
    const int code = current->real_->xDelete(current->real_, name, sync_folder);
    if (code == SQLITE_OK && sync_folder != 0 && current->is_kept(name)) std::filesystem::remove(current->kept(name));
    return code;
  }
  [[nodiscard]] bool is_kept(const std::filesystem::path& file) const { return file.parent_path() == durable_.parent_path(); }
  [[nodiscard]] std::filesystem::path kept(const std::filesystem::path& file) const { return durable_ / file.filename(); }
  static sqlite3_io_methods make_methods() {
    sqlite3_io_methods m{};
    m.iVersion = 3;
    m.xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); };
    m.xRead = [](sqlite3_file* f, void* data, int n, sqlite3_int64 at) {
      return real(f)->pMethods->xRead(real(f), data, n, at);
    };
    m.xWrite = write;
    m.xTruncate = [](sqlite3_file* f, sqlite3_int64 n) { return real(f)->pMethods->xTruncate(real(f), n); };
    m.xSync = sync;
    m.xFileSize = [](sqlite3_file* f, sqlite3_int64* n) { return real(f)->pMethods->xFileSize(real(f), n); };
    m.xLock = [](sqlite3_file* f, int lock) { return real(f)->pMethods->xLock(real(f), lock); };
    m.xUnlock = [](sqlite3_file* f, int lock) { return real(f)->pMethods->xUnlock(real(f), lock); };
    m.xCheckReservedLock = [](sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); };
    m.xFileControl = [](sqlite3_file* f, int op, void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); };
    m.xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); };
    m.xDeviceCharacteristics = [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); };
    m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
      return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
    };
    m.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) {
      return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
    };
    m.xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); };
    m.xShmUnmap = [](sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); };
    m.xFetch = [](sqlite3_file* f, sqlite3_int64 at, int n, void** out) {
      return real(f)->pMethods->xFetch(real(f), at, n, out);
    };
    m.xUnfetch = [](sqlite3_file* f, sqlite3_int64 at, void* p) { return real(f)->pMethods->xUnfetch(real(f), at, p); };
    return m;
  }

  static inline FaultVfs* current = nullptr;  // SQLite's callbacks on files carry no pointer of ours
  sqlite3_vfs* real_;
  sqlite3_vfs vfs_{};
  std::filesystem::path durable_;
};

}  // namespace venturi::store
