// `db` and `config`.
#include <filesystem>
#include <iterator>
#include <utility>

#include "base/edit_distance.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "home/secrets.h"
#include "server/command_client.h"
#include "store/sqlite/sqlite_store.h"

extern char** environ;

namespace venturi::cli {
namespace {

// The settings of a home that is not there yet are the defaults and the environment's.
Result<Config> read_config() {
  const auto root = home_path();
  if (!root) return std::unexpected(root.error());
  std::error_code error;
  if (!std::filesystem::exists(*root, error)) return Config::load(*root, environ);
  auto opened = open_existing_home();
  if (!opened) return std::unexpected(std::move(opened.error()));
  return std::move(opened->config);
}

}  // namespace

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
  const auto secrets = open_secrets(opened->home, *attempt->lock, std::filesystem::exists(path, error));
  if (!secrets) return std::unexpected(secrets.error());
  const auto store = server::open_store(opened->config, *secrets);
  if (!store) return std::unexpected(store.error());
  print("The database " + path + " is at version " VENTURI_VERSION ".\n");
  return exit_done;
}

Result<int> db_check(const Arguments&) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  const std::string path = opened->config.path("database.path").string();
  if (auto checked = store::check_sqlite(path); !checked) return std::unexpected(std::move(checked.error()));
  print("The database " + path + " is in order.\n");
  return exit_done;
}

Result<int> config_list(const Arguments& arguments) {
  const auto config = read_config();
  if (!config) return std::unexpected(config.error());
  const auto section = arguments.maybe("section");
  Rows rows{{"section", "option", "value", "source"}, {}};
  std::vector<std::string> sections;
  for (std::size_t i = 0; i < std::size(config_keys); ++i) {
    const ConfigKey& key = config_keys[i];
    const Config::Setting& setting = config->settings()[i];
    sections.emplace_back(key.section);
    if (section && *section != key.section) continue;
    rows.rows.push_back({key.section, key.key, key.secret && !setting.text.empty() ? "***" : setting.text, setting.source});
  }
  if (rows.rows.empty()) {
    const std::string near = nearest(*section, sections);
    return fail(ErrorKind::not_found, "there is no section " + *section, "venturi config list --section",
                near.empty() ? "see: venturi config list" : "did you mean " + near + "?");
  }
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

Result<int> config_get_value(const Arguments& arguments) {
  const auto config = read_config();
  if (!config) return std::unexpected(config.error());
  const auto setting = config->setting(arguments.text("section"), arguments.text("option"));
  if (!setting) return std::unexpected(setting.error());
  print(setting->text + "\n");
  return exit_done;
}

}  // namespace venturi::cli
