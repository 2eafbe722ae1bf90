// `db check-migrations`, `db reset`, `db shell` and `rotate-fernet-key`.
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include "base/fernet.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "cli/user.h"
#include "home/file_error.h"
#include "home/secrets.h"
#include "home/small_file.h"
#include "store/sqlite/schema.h"

namespace venturi::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr int small_cache_kib = 256;

// Nothing where it is of this program's version.
Result<void> check_version(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error))
    return fail(ErrorKind::not_found, "there is no database yet", path, "make it with: venturi db migrate");
  auto database = store::Database::open(path, store::Database::Access::read_only, small_cache_kib);
  if (!database) return std::unexpected(std::move(database.error()));
  return store::check_schema(*database);
}

// The lock, for what cannot be done beside a server.
Result<HomeLock> lock_alone(const Home& home, const std::string& why) {
  auto attempt = lock_soon(home);
  if (!attempt) return std::unexpected(std::move(attempt.error()));
  if (attempt->lock) return std::move(*attempt->lock);
  Error error = attempt->in_use(home);
  error.hint = why + ": stop it, and repeat this";
  return std::unexpected(std::move(error));
}

Result<void> remove_whole(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return std::unexpected(file_error(error.value(), "cannot remove it", path));
  return {};
}

}  // namespace

Result<int> db_check_migrations(const Arguments& arguments) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  const std::string path = opened->config.path("database.path").string();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(arguments.integer("migration-wait-timeout"));
  for (;;) {
    auto checked = check_version(path);
    if (checked) break;
    if (std::chrono::steady_clock::now() >= end) return std::unexpected(std::move(checked.error()));
    std::this_thread::sleep_for(200ms);
  }
  print("The database " + path + " has schema version " + std::to_string(store::program_schema_version()) +
        ", which this program needs.\n");
  return exit_done;
}

Result<int> db_reset(const Arguments& arguments) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  const Home& home = opened->home;
  const fs::path path = opened->config.path("database.path");
  const auto lock = lock_alone(home, "its server works on the database");
  if (!lock) return std::unexpected(lock.error());
  const std::string question = "There is no way back but a backup. Remove the database " + path.string() +
                               " with all runs, connections, variables and pools?";
  if (auto sure = confirm(arguments, question); !sure) return std::unexpected(std::move(sure.error()));
  // The file itself last: without it the others mean nothing, and with it this can be repeated.
  for (const fs::path& part :
       {home.xcoms(), home.trash(), home.files(), fs::path(path.string() + "-wal"), fs::path(path.string() + "-shm"), path}) {
    if (auto removed = remove_whole(part); !removed) return std::unexpected(std::move(removed.error()));
  }
  if (arguments.has("skip-init")) {
    print("The database " + path.string() + " is removed.\n");
    return exit_done;
  }
  const auto secrets = open_secrets(home, *lock, false, given_secrets(opened->config));
  if (!secrets) return std::unexpected(secrets.error());
  const auto store = server::open_store(opened->config, *secrets);
  if (!store) return std::unexpected(store.error());
  print("The database " + path.string() + " is new and empty. Logs and DAGs are as they were.\n");
  return exit_done;
}

Result<int> db_shell(const Arguments&) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  const std::string path = opened->config.path("database.path").string();
  if (auto checked = check_version(path); !checked) return std::unexpected(std::move(checked.error()));
  std::array<const char*, 4> words{"sqlite3", "-readonly", path.c_str(), nullptr};
  ::execvp(words[0], const_cast<char**>(words.data()));
  if (errno != ENOENT) return std::unexpected(file_error(errno, "cannot execute the program", words[0]));
  return fail(ErrorKind::not_found, "the program sqlite3 is not installed", "$PATH", "install it: apt install sqlite3");
}

// A crash at any point leaves a key file that opens all there is: first both keys, then the rows, then the new key alone.
Result<int> rotate_fernet_key(const Arguments&) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  const Home& home = opened->home;
  const auto lock = lock_alone(home, "its server has the old key in memory");
  if (!lock) return std::unexpected(lock.error());
  std::error_code error;
  const fs::path path = opened->config.path("database.path"), key_file = home.root / "fernet_key";
  if (!fs::exists(path, error))
    return fail(ErrorKind::not_found, "there is no database yet", path.string(), "make it with: venturi db migrate");
  const GivenSecrets given = given_secrets(opened->config);
  auto secrets = open_secrets(home, *lock, true, given);
  if (!secrets) return std::unexpected(std::move(secrets.error()));
  // Of keys that the configuration gives, the first one is the new one, as in Airflow.
  const bool is_given = !given.fernet_keys.empty();
  const std::string new_key = is_given ? "" : Fernet::generate_key();
  if (!is_given) secrets->fernet_keys = new_key + "," + secrets->fernet_keys;
  auto store = server::open_store(opened->config, *secrets);
  if (!store) return std::unexpected(std::move(store.error()));
  const auto reader = store->store->open_reader();
  if (!reader) return std::unexpected(reader.error());
  store::Batch batch;
  auto connections = (*reader)->connections();
  if (!connections) return std::unexpected(std::move(connections.error()));
  auto variables = (*reader)->variables();
  if (!variables) return std::unexpected(std::move(variables.error()));
  batch.connections = std::move(*connections);
  batch.variables = std::move(*variables);
  batch.now = SystemClock().now();
  const std::string counts =
      std::to_string(batch.connections.size()) + " connections and " + std::to_string(batch.variables.size()) + " variables";
  if (!is_given) {
    if (auto written = write_private_file(key_file, secrets->fernet_keys + "\n"); !written)
      return std::unexpected(std::move(written.error()));
  }
  if (auto written = store->store->commit(batch); !written) return std::unexpected(std::move(written.error()));
  if (is_given) {
    print(counts +
          " are encrypted with the first key of core.fernet_key; all others, and the file fernet_key, are needed no more.\n");
    return exit_done;
  }
  if (auto written = write_private_file(key_file, new_key + "\n"); !written) return std::unexpected(std::move(written.error()));
  print("A new key is in " + key_file.string() + "; " + counts +
        " are encrypted with it. Backups hold the key of their time.\n");
  return exit_done;
}

}  // namespace venturi::cli
