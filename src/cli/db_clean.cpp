// `db clean`, `db export-archived`, `db drop-archived`.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <sstream>
#include <utility>

#include "base/edit_distance.h"
#include "base/time.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "cli/user.h"
#include "home/file_error.h"
#include "server/cleaning_commands.h"
#include "server/command_client.h"
#include "store/sqlite/old_rows.h"

namespace venturi::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> words;
  std::istringstream in(list);
  for (std::string word; std::getline(in, word, ',');) words.push_back(word);
  return words;
}

// Those named, or all.
Result<Array> chosen_tables(const Arguments& arguments) {
  const auto known = server::cleanable_tables();
  Array tables;
  if (!arguments.has("tables")) {
    for (const std::string_view name : known) tables.emplace_back(std::string(name));
    return tables;
  }
  for (const std::string& name : words_of(arguments.text("tables"))) {
    if (std::ranges::find(known, name) == known.end()) {
      std::string all;
      for (const std::string_view table : known) all += (all.empty() ? "" : ", ") + std::string(table);
      return fail(ErrorKind::invalid, "there is no table '" + name + "' to be cleaned", "--tables",
                  "name some of " + all + "; task instances, their tries and history go with dag_run");
    }
    tables.emplace_back(name);
  }
  return tables;
}

// "20260131120000123456": the suffix that Airflow gives archived tables, and microseconds, so that each has one of its own.
std::string archive_suffix() {
  std::string text = format_time(SystemClock().now());
  std::erase_if(text, [](char c) { return c < '0' || c > '9'; });
  return text.substr(0, 20);
}

Result<std::vector<store::ArchiveTable>> chosen_archives(const Arguments& arguments, const std::string& path) {
  auto archives = store::archive_tables(path);
  if (!archives || !arguments.has("tables")) return archives;
  const auto names = words_of(arguments.text("tables"));
  for (const std::string& name : names) {
    if (std::ranges::find(*archives, name, &store::ArchiveTable::of) == archives->end())
      return fail(ErrorKind::not_found, "there is no archived table of " + name, "--tables",
                  "archived tables are made by: venturi db clean");
  }
  std::erase_if(*archives, [&](const auto& archive) { return std::ranges::find(names, archive.of) == names.end(); });
  return archives;
}

Result<void> drop_archives(const OpenedHome& opened, const std::vector<store::ArchiveTable>& archives) {
  Array names;
  for (const store::ArchiveTable& archive : archives) names.emplace_back(archive.name);
  const auto done =
      server::run_command(opened.home, opened.config, Object{{"command", "db drop-archived"}, {"tables", std::move(names)}});
  if (!done) return std::unexpected(done.error());
  return {};
}

}  // namespace

Result<int> db_clean(const Arguments& arguments) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  if (!arguments.has("clean-before-timestamp"))
    return fail(ErrorKind::invalid, "it has to be said how old rows have to be", "venturi db clean",
                "add --clean-before-timestamp DATE");
  const auto before = read_date(arguments.text("clean-before-timestamp"), opened->config);
  if (!before) return std::unexpected(before.error());
  auto tables = chosen_tables(arguments);
  if (!tables) return std::unexpected(std::move(tables.error()));
  const bool is_dry_run = arguments.has("dry-run"), is_archived = !is_dry_run && !arguments.has("skip-archive");
  if (!is_dry_run) {
    std::string names;
    for (const Value& table : *tables) names += (names.empty() ? "" : ", ") + table.as_string();
    const std::string question = "Delete what is older than " + format_time(*before) + " from " + names +
                                 (is_archived ? ", after a copy into archive tables?" : ", without a copy of it?");
    if (auto sure = confirm(arguments, question); !sure) return std::unexpected(std::move(sure.error()));
  }
  Object command{{"command", "db clean"}, {"before", format_time(*before)}, {"tables", *tables}, {"dry_run", is_dry_run}};
  if (is_archived) command.set("archive", archive_suffix());
  for (const auto& [option, member] : {std::pair("dag-ids", "dag_ids"), std::pair("exclude-dag-ids", "exclude_dag_ids")}) {
    Array names;
    for (std::string& name : words_of(arguments.text(option))) names.emplace_back(std::move(name));
    if (!names.empty()) command.set(member, std::move(names));
  }
  const auto done = server::run_command(opened->home, opened->config, Value(std::move(command)));
  if (!done) return std::unexpected(done.error());
  Rows rows{{"table", is_dry_run ? "rows_to_delete" : "deleted_rows"}, {}};
  for (const auto& [name, count] : done->at("tables").as_object()) rows.rows.push_back({name, count});
  print(format_rows(rows, output_format(arguments.text("output"))));
  if (const std::int64_t kept = done->at("kept").as_int(); kept > 0)
    print_note(std::to_string(kept) + " runs stay, because something needs them at the moment");
  return exit_done;
}

Result<int> db_export_archived(const Arguments& arguments) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  const std::string path = opened->config.path("database.path").string();
  const auto archives = chosen_archives(arguments, path);
  if (!archives) return std::unexpected(archives.error());
  const fs::path folder = fs::absolute(arguments.text("output-path"));
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return fail(ErrorKind::not_found, "there is no such folder", folder.string(), "make it, or name another");
  const bool drops = arguments.has("drop-archives") && !archives->empty();
  if (drops) {
    if (auto sure = confirm(arguments, "Drop the archived tables when they are exported?"); !sure)
      return std::unexpected(std::move(sure.error()));
  }
  Rows rows{{"file", "rows"}, {}};
  for (const store::ArchiveTable& archive : *archives) {
    const fs::path target = folder / (archive.name + ".csv");
    // XComs may hold what others must not see.
    const Fd file(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return std::unexpected(file_error(errno, "cannot make the file", target));
    auto done = store::export_csv(path, archive.name, [&](std::string_view text) -> Result<void> {
      if (write_all(file.get(), text)) return {};
      return std::unexpected(file_error(errno, "cannot write the file", target));
    });
    if (!done) return std::unexpected(std::move(done.error()));
    if (::fsync(file.get()) != 0) return std::unexpected(file_error(errno, "cannot write the file", target));
    rows.rows.push_back({target.string(), archive.rows});
  }
  print(format_rows(rows, output_format(arguments.text("output"))));
  if (!drops) return exit_done;
  if (auto dropped = drop_archives(*opened, *archives); !dropped) return std::unexpected(std::move(dropped.error()));
  return exit_done;
}

Result<int> db_drop_archived(const Arguments& arguments) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  const auto archives = chosen_archives(arguments, opened->config.path("database.path").string());
  if (!archives) return std::unexpected(archives.error());
  if (archives->empty()) {
    print("There are no archived tables\n");
    return exit_done;
  }
  std::string names;
  for (const store::ArchiveTable& archive : *archives) names += "  " + archive.name + "\n";
  if (auto sure = confirm(arguments, names + "Drop these tables?"); !sure) return std::unexpected(std::move(sure.error()));
  if (auto dropped = drop_archives(*opened, *archives); !dropped) return std::unexpected(std::move(dropped.error()));
  print("Dropped:\n" + names);
  return exit_done;
}

}  // namespace venturi::cli
