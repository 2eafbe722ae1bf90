// `doctor`: what is wrong with a home, and how to mend it. Each look is one row; what cannot be looked at, because something
// before it is broken, has none.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/find_program.h"
#include "base/time.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "home/secrets.h"
#include "lanes/cpp/toolchain.h"
#include "model/pool_warnings.h"
#include "server/command_client.h"
#include "server/disk_guard.h"
#include "store/sqlite/sqlite_store.h"

extern char** environ;

namespace venturi::cli {
namespace {

namespace fs = std::filesystem;

enum class Verdict { ok, warning, error };

class Findings {
 public:
  void add(std::string_view check, Verdict verdict, std::string what, std::string remedy = {}) {
    constexpr std::string_view words[] = {"ok", "warning", "error"};
    rows_.rows.push_back(
        {std::string(check), std::string(words[static_cast<int>(verdict)]), std::move(what), std::move(remedy)});
    worst_ = std::max(worst_, verdict);
  }
  void add(std::string_view check, const Error& error, Verdict verdict = Verdict::error) {
    add(check, verdict, error.where.empty() ? error.what : error.where + ": " + error.what, error.hint);
  }
  [[nodiscard]] const Rows& rows() const { return rows_; }
  [[nodiscard]] Verdict worst() const { return worst_; }

 private:
  Rows rows_{{"check", "status", "found", "remedy"}, {}};
  Verdict worst_ = Verdict::ok;
};

void look_at_disk(const Home& home, const Config& config, Findings& found) {
  const std::int64_t least = config.integer("core.min_free_disk_mib");
  const auto room = server::least_room(server::written_folders(home, config.path("database.path")));
  if (!room) return found.add("disk", Verdict::warning, "it cannot be asked how much room it has");
  const std::int64_t free = static_cast<std::int64_t>(room->free_bytes >> 20U);
  const std::string remedy = "make room, or keep less: [retention] in docs/operations.md";
  if (free < least)
    return found.add("disk", Verdict::error, server::too_little_room(*room, least) + ": no run and no try is begun", remedy);
  if (free < 2 * least) return found.add("disk", Verdict::warning, server::too_little_room(*room, least), remedy);
  found.add("disk", Verdict::ok, std::to_string(free) + " MiB are free");
}

void look_at_files(const Config& config, Findings& found) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  // A try has sockets of its log and its messages, at both of its ends.
  const auto needed = static_cast<rlim_t>(256 + 12 * config.integer("worker.parallelism"));
  if (limit.rlim_cur >= needed) return found.add("open files", Verdict::ok, std::to_string(limit.rlim_cur) + " are allowed");
  found.add(
      "open files", Verdict::warning,
      std::to_string(limit.rlim_cur) + " are allowed, and [worker] parallelism " +
          std::to_string(config.integer("worker.parallelism")) + " may need " + std::to_string(needed),
      "raise it where the server is started: ulimit -n " + std::to_string(needed) + ", or LimitNOFILE= of its systemd unit");
}

void look_at_dags_folder(const Config& config, Findings& found) {
  const fs::path folder = config.path("core.dags_folder");
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return found.add("DAGs folder", Verdict::error, folder.string() + ": there is no such folder",
                     "make it: mkdir -p " + folder.string() + "; or set [core] dags_folder");
  if (::access(folder.c_str(), R_OK | X_OK) != 0)
    return found.add("DAGs folder", Verdict::error, folder.string() + ": it cannot be read",
                     "make it readable for the user that runs Venturi");
  found.add("DAGs folder", Verdict::ok, folder.string());
}

bool has_sources(const fs::path& folder) {
  std::error_code error;
  for (auto at = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, error);
       !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (at->path().extension() == ".cpp") return true;
  }
  return false;
}

void look_at_compiler(const Config& config, Findings& found) {
  const std::string& command = config.text("compiler.command");
  const auto names = lanes::compiler_names(command);
  const auto there = std::ranges::find_if(names, [](const std::string& name) { return find_program(name).has_value(); });
  if (there != names.end()) return found.add("compiler", Verdict::ok, *there);
  const bool is_needed = has_sources(config.path("core.dags_folder"));
  found.add("compiler", is_needed ? Verdict::error : Verdict::warning,
            command.empty() ? "none is installed that DAG files in C++ could be compiled with" : command + " is not there",
            command.empty() ? "install one: apt-get install g++; DAGs in YAML need none" : "set [compiler] command");
}

// True: its content can be looked at.
bool look_at_database(const Config& config, Findings& found) {
  const std::string path = config.path("database.path").string();
  std::error_code error;
  if (!fs::exists(path, error)) {
    found.add("database", Verdict::warning, path + ": there is none yet", "start a server: venturi standalone");
    return false;
  }
  if (auto checked = store::check_sqlite(path); !checked) {
    found.add("database", checked.error());
    return false;
  }
  found.add("database", Verdict::ok, path + ": its schema is this version's, and it is not damaged");
  return true;
}

void look_at_clock(store::Reader& reader, Findings& found) {
  const auto newest = reader.runs({.limit = 1});
  if (!newest) return found.add("clock", newest.error());
  const Time now = SystemClock().now();
  if (newest->empty() || newest->front().queued_at <= now + std::chrono::minutes(1))
    return found.add("clock", Verdict::ok, format_time(now));
  found.add("clock", Verdict::error,
            "it is " + format_time(now) + ", and the last run was made at " + format_time(newest->front().queued_at) +
                ": the clock was set back",
            "set it right (timedatectl set-ntp true); until then schedules wait");
}

void look_at_dags(store::Reader& reader, const Config& config, Findings& found) {
  const auto errors = reader.import_errors();
  if (!errors) return found.add("DAG files", errors.error());
  if (errors->empty()) found.add("DAG files", Verdict::ok, "none has an error");
  for (const store::ImportError& error : *errors)
    found.add("DAG files", Verdict::error, error.filename + ": " + error.stacktrace.substr(0, error.stacktrace.find('\n')),
              "see: venturi dags list-import-errors");
  const auto dags = reader.dags();
  auto pools = reader.pools();
  if (!dags || !pools) return found.add("pools", dags ? pools.error() : dags.error());
  if (std::ranges::find(*pools, default_pool, &PoolRecord::pool) == pools->end())  // nobody has set it
    pools->push_back({default_pool, static_cast<std::int32_t>(config.integer("core.default_pool_task_slot_count")), "", false});
  bool fit = true;
  for (const auto& dag : *dags) {
    for (const std::string& warning : pool_warnings(*dag, *pools)) {
      fit = false;
      found.add("pools", Verdict::warning, "dag " + dag->dag_id + ": " + warning, "see: venturi pools set --help");
    }
  }
  if (fit) found.add("pools", Verdict::ok, "each task fits into its pool");
}

void look_at_keys(const Home& home, const Config& config, Findings& found) {
  const auto keys = read_fernet_keys(home, config);
  if (!keys) return found.add("keys", keys.error());
  const auto given = config.setting("core", "fernet_key");
  const bool is_given = given && !given->text.empty();
  found.add("keys", Verdict::ok, is_given ? given->source : (home.root / "fernet_key").string());
}

void look_at_server(const OpenedHome& opened, Findings& found) {
  const auto attempt = try_lock(opened.home, {});
  if (!attempt) return found.add("server", attempt.error());
  if (attempt->lock) {
    std::error_code error;
    const bool was_killed = fs::exists(opened.home.server_socket(), error);
    return found.add("server", Verdict::warning,
                     was_killed ? "none runs; the last one was killed, which harms nothing" : "none runs",
                     "start it: venturi standalone");
  }
  if (!server_is_running(opened.home))
    return found.add("server", Verdict::error,
                     "process " + std::to_string(attempt->owner.pid) + " has the home, and takes no commands",
                     "wait a moment; where it stays so, end it: kill " + std::to_string(attempt->owner.pid));
  const auto health = server::run_command(opened.home, opened.config, Object{{"command", "health of parts"}});
  if (!health) return found.add("server", health.error());
  found.add("server", Verdict::ok, "process " + std::to_string(attempt->owner.pid));
  for (const auto& [part, state] : health->as_object()) {
    if (!state.is_object() || part == "disk" || part == "triggerer") continue;
    if (state.get_string("status") == "healthy") {
      found.add(part, Verdict::ok, "healthy");
    } else {
      found.add(part, Verdict::error, state.get_string("detail"),
                part == "worker" ? "see the server's log; one alone is started by: venturi worker" : "see the server's log");
    }
  }
}

}  // namespace

Result<int> doctor(const Arguments& arguments) {
  Findings found;
  const auto finish = [&]() -> Result<int> {
    print(format_rows(found.rows(), output_format(arguments.text("output"))));
    return found.worst() == Verdict::error ? exit_failed : exit_done;
  };
  const auto root = home_path();
  if (!root) return std::unexpected(root.error());
  const auto opened = open_existing_home();
  if (!opened) {
    found.add("home", opened.error());
    // Whether it is the modes of the home or the configuration: what else can be looked at is.
    if (const auto config = Config::load(*root, environ)) {
      std::error_code error;
      if (!fs::exists(*root, error)) return finish();
      look_at_disk(Home{*root}, *config, found);
      look_at_dags_folder(*config, found);
      look_at_compiler(*config, found);
      look_at_keys(Home{*root}, *config, found);
    }
    return finish();
  }
  found.add("home", Verdict::ok, opened->home.root.string());
  look_at_server(*opened, found);
  look_at_disk(opened->home, opened->config, found);
  look_at_files(opened->config, found);
  look_at_dags_folder(opened->config, found);
  look_at_compiler(opened->config, found);
  std::error_code error;
  if (fs::exists(opened->config.path("database.path"), error)) look_at_keys(opened->home, opened->config, found);
  if (look_at_database(opened->config, found)) {
    if (const auto reader = server::open_reader(opened->home, opened->config)) {
      look_at_clock(*reader->reader, found);
      look_at_dags(*reader->reader, opened->config, found);
    } else {
      found.add("metadata", reader.error());
    }
  }
  return finish();
}

}  // namespace venturi::cli
