// `version`, `info`, `jobs check`, `cheat-sheet`, `completion`: about this program and its home.
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/find_program.h"
#include "cli/build_commit.h"
#include "cli/completion.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "cli/user.h"
#include "home/small_file.h"
#include "lanes/cpp/toolchain.h"
#include "server/command_client.h"
#include "store/sqlite/schema.h"

extern char** environ;

namespace venturi::cli {
namespace {

namespace fs = std::filesystem;

using Facts = std::vector<std::array<std::string, 3>>;  // section, name, value

std::string schema_of(const std::string& path) {
  auto database = store::Database::open(path, store::Database::Access::read_only, 256);
  if (!database) return database.error().what;
  const auto version = store::schema_version(*database);
  return version ? std::to_string(*version) : version.error().what;
}

std::string mebibytes(std::uintmax_t bytes) {
  std::ostringstream out;
  out.precision(1);
  out << std::fixed << static_cast<double>(bytes) / (1 << 20) << " MiB";
  return out.str();
}

// The first program of these that $PATH has; empty: none.
std::string line_with(const char* file, std::string_view start) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(start)) continue;
    line.erase(0, line.find_first_not_of(" \t=:", start.size()));
    std::erase(line, '"');
    return line;
  }
  return {};
}

void add_home(Facts& facts) {
  const auto root = home_path();
  if (!root) return facts.push_back({"venturi", "home", root.error().text()});
  facts.push_back({"venturi", "home", root->string()});
  const auto opened = open_existing_home();
  if (!opened) return facts.push_back({"venturi", "state", opened.error().text()});
  const auto& [home, config] = *opened;
  std::error_code error;
  const std::string database = config.path("database.path").string();
  const auto size = fs::file_size(database, error);
  facts.push_back({"venturi", "dags_folder", config.path("core.dags_folder").string()});
  facts.push_back({"venturi", "database", error ? database + ": " + error.message() : database + ", " + mebibytes(size)});
  if (!error) facts.push_back({"venturi", "schema_version", schema_of(database)});
  const bool runs = server_is_running(home);
  facts.push_back({"venturi", "server", runs ? "running" : "not running"});
  if (runs) {
    if (const auto url = read_small_file(home.run() / "api_url"); url && *url)
      facts.push_back({"venturi", "api", (*url)->substr(0, (*url)->find('\n'))});
  }
  const auto metadata = server::open_reader(home, config);
  if (!metadata) return;
  if (const auto dags = metadata->reader->dags()) facts.push_back({"venturi", "dags", std::to_string(dags->size())});
  if (const auto problems = metadata->reader->import_errors())
    facts.push_back({"venturi", "import_errors", std::to_string(problems->size())});
  if (const auto runs_count = metadata->reader->count_runs({}))
    facts.push_back({"venturi", "runs", std::to_string(*runs_count)});
}

void add_system(Facts& facts) {
  utsname names{};
  if (::uname(&names) == 0) {
    facts.push_back({"system", "os", line_with("/etc/os-release", "PRETTY_NAME")});
    facts.push_back({"system", "kernel", std::string(names.sysname) + " " + names.release});
    facts.push_back({"system", "architecture", names.machine});
  }
  facts.push_back({"system", "cpus", std::to_string(std::thread::hardware_concurrency())});
  facts.push_back({"system", "memory", line_with("/proc/meminfo", "MemTotal")});
  const char* locale = std::getenv("LC_ALL");
  if (locale == nullptr || *locale == '\0') locale = std::getenv("LANG");
  facts.push_back({"system", "locale", locale == nullptr ? "" : locale});
  facts.push_back({"system", "user", user_name()});
}

void add_tools(Facts& facts) {
  const auto add = [&](const char* name, const std::vector<std::string>& programs) {
    std::optional<std::string> file;
    for (const std::string& program : programs) {
      if (!file) file = find_program(program);
    }
    facts.push_back({"tools", name, file.value_or("NOT AVAILABLE")});
  };
  add("compiler", lanes::compiler_names(""));
  for (const char* name : {"git", "sqlite3", "dot", "psql"}) add(name, {name});
}

// Airflow's --anonymize: who and where is replaced, what is left helps.
void anonymize(std::string& text) {
  const auto replace = [&](const std::string& from, const std::string& to) {
    if (from.size() < 2) return;
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  };
  if (const char* home = std::getenv("HOME")) replace(home, "${HOME}");
  replace(user_name(), "${USER}");
}

}  // namespace

Result<int> version(const Arguments& arguments) {
  if (!arguments.has("verbose")) {
    print(VENTURI_VERSION "\n");
    return exit_done;
  }
  Rows rows{{"version", "commit", "schema_version", "compiler"},
            {{VENTURI_VERSION, build_commit(), store::program_schema_version(), __VERSION__}}};
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

Result<int> info(const Arguments& arguments) {
  Facts facts{{"venturi", "version", VENTURI_VERSION}, {"venturi", "commit", build_commit()}};
  add_home(facts);
  add_system(facts);
  add_tools(facts);
  Rows rows{{"section", "name", "value"}, {}};
  for (auto& [section, name, value] : facts) {
    if (arguments.has("anonymize")) anonymize(value);
    rows.rows.push_back({section, name, value});
  }
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

// One server is scheduler, triggerer and DAG processor, so what is asked of each is asked of it.
Result<int> jobs_check(const Arguments& arguments) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  std::array<char, 256> host{};
  (void)::gethostname(host.data(), host.size() - 1);
  const auto asked = arguments.maybe("hostname");
  const bool is_here = !asked || *asked == host.data();
  if (!is_here || !server_is_running(opened->home)) {
    print("No alive jobs found.\n");
    return exit_failed;
  }
  const auto answer = server::run_command(opened->home, opened->config, Object{{"command", "ping"}});
  if (!answer) return std::unexpected(answer.error());
  print("Found one alive job.\n");
  return exit_done;
}

Result<int> cheat_sheet(const Arguments&) {
  std::size_t widest = 0;
  for (const Command& command : command_table()) widest = std::max(widest, command.words().size());
  const auto show = [&](std::string_view group) {
    std::string out;
    for (const Command& command : command_table()) {
      if (command.group != group) continue;
      std::string words = "venturi " + command.words();
      words.resize(widest + 9, ' ');
      out += words + "| " + std::string(command.summary) + "\n";
    }
    return out;
  };
  std::string page = show("");
  for (const Group& group : command_groups()) page += "\n" + std::string(group.summary) + "\n" + show(group.name);
  print(page);
  return exit_done;
}

Result<int> completion(const Arguments& arguments) {
  print(completion_script(arguments.text("shell")));
  return exit_done;
}

}  // namespace venturi::cli
