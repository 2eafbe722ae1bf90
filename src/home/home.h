// A home, $VENTURI_HOME: the folder of one server and all that belongs to it.
//
//   venturi.toml      configuration (config.h)             venturi.db      metadata
//   admin_password    made at the first start               venturi.lock    pid and socket of the owner
//   signing_key       signs tokens                          run/            sockets, launch record
//   fernet_key        encrypts connections and variables    logs/ files/    of tasks, of runs
//   users             who else may log in (users.h)         dags/           DAG files
//
// The folder is 0700 and files directly in it are 0600: whatever lies deeper is out of reach for others too.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace venturi {

struct Home {
  std::filesystem::path root;  // absolute

  [[nodiscard]] std::filesystem::path run() const { return root / "run"; }
  [[nodiscard]] std::filesystem::path logs() const { return root / "logs"; }
  [[nodiscard]] std::filesystem::path files() const { return root / "files"; }
  [[nodiscard]] std::filesystem::path xcoms() const { return root / "xcoms"; }  // those that are large; made at need
  [[nodiscard]] std::filesystem::path trash() const { return root / "trash"; }  // of deleted runs; made at need
  [[nodiscard]] std::filesystem::path dags() const { return root / "dags"; }
  [[nodiscard]] std::filesystem::path server_socket() const { return run() / "server.sock"; }
  [[nodiscard]] std::filesystem::path config_file() const { return root / "venturi.toml"; }
  [[nodiscard]] std::filesystem::path lock_file() const { return root / "venturi.lock"; }
};

// $VENTURI_HOME where it is set and not empty (a relative path counts from the current folder), else ~/.venturi.
[[nodiscard]] Result<std::filesystem::path> home_path();

// Makes the home and its folders where they are missing, and checks what is there. Refused (ErrorKind::denied, the hint is the
// command that mends it) where others have any right to it, or it belongs to somebody else.
[[nodiscard]] Result<Home> open_home(const std::filesystem::path& root);

// Who owns a home now; pid 0: not known yet.
struct HomeOwner {
  int pid = 0;
  std::string socket;  // where it takes commands; empty: nowhere, it will be done soon
};

// The right to change a home. Held as a flock on venturi.lock, so that it ends with the process however that ends.
class HomeLock {
 public:
  HomeLock(HomeLock&&) noexcept = default;
  HomeLock& operator=(HomeLock&& other) noexcept;
  ~HomeLock() { release(); }

 private:
  friend struct LockAttempt;
  friend Result<struct LockAttempt> try_lock(const Home& home, std::string_view socket);
  explicit HomeLock(Fd fd) : fd_(std::move(fd)) {}
  void release();
  Fd fd_;
};

struct LockAttempt {
  std::optional<HomeLock> lock;  // nothing: somebody else has it
  HomeOwner owner;               // that somebody, or this process

  // "the home is in use by process 4711", for those who can do nothing else.
  [[nodiscard]] Error in_use(const Home& home) const;
};

// Never waits. An error only where the file cannot be used. The file stays when a lock ends: removing it would let two
// processes lock two files of one name.
[[nodiscard]] Result<LockAttempt> try_lock(const Home& home, std::string_view socket);

}  // namespace venturi
