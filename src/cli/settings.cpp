// `db migrate` and `db check`.
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "home/secrets.h"
#include "server/command_client.h"
#include "store/sqlite/sqlite_store.h"

namespace venturi::cli {
Result<int> db_migrate(const Arguments&) {
  const auto opened = open_or_make_home();
  if (!opened) return std::unexpected(opened.error());
  const auto attempt = lock_soon(opened->home);
  if (!attempt) return std::unexpected(attempt.error());
  const std::string path = opened->config.path("database.path").string();
  if (!attempt->lock) {
    if (attempt->owner.socket.empty()) return std::unexpected(attempt->in_use(opened->home));
    // Its owner brought the database to its own version when it started.
    const auto answer = server::run_command(opened->home, opened->config, Object{{"command", "ping"}});
    if (!answer) return std::unexpected(answer.error());
    if (answer->get_string("version") == VENTURI_VERSION) {
      print("The database " + path + " is at version " VENTURI_VERSION ": the server that runs on it saw to that.\n");
      return exit_done;
    }
    return fail(
        ErrorKind::conflict,
        "a server of version " + answer->get_string("version") + " runs on this home, and this is version " VENTURI_VERSION,
        opened->home.root.string(), "stop it first");
  }
  std::error_code error;
  const auto secrets =
      open_secrets(opened->home, *attempt->lock, std::filesystem::exists(path, error), given_secrets(opened->config));
  if (!secrets) return std::unexpected(secrets.error());
  const auto store = server::open_store(opened->config, *secrets);
  if (!store) return std::unexpected(store.error());
  print("The database " + path + " is at version " VENTURI_VERSION ".\n");
  return exit_done;
}

Result<int> db_check(const Arguments& arguments) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  const std::string path = opened->config.path("database.path").string();
  for (std::int64_t left = arguments.integer("retry");; --left) {
    auto checked = store::check_sqlite(path);
    if (checked) break;
    if (left <= 0) return std::unexpected(std::move(checked.error()));
    print_note("note: " + checked.error().text() + "; once more in " + arguments.text("retry-delay") + " s");
    std::this_thread::sleep_for(std::chrono::seconds(arguments.integer("retry-delay")));
  }
  print("The database " + path + " is in order.\n");
  return exit_done;
}

}  // namespace venturi::cli
