// `config`.
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <sstream>
#include <utility>

#include "base/edit_distance.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "cli/toml_edit.h"
#include "home/airflow_config.h"
#include "home/small_file.h"

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

Rows ignored_rows(const Config& config) {
  Rows rows{{"variable", "in_its_place"}, {}};
  for (const Config::Ignored& ignored : config.ignored()) rows.rows.push_back({ignored.name, ignored.instead});
  return rows;
}

Error no_section(const std::string& section) {
  std::vector<std::string> sections;
  for (const ConfigKey& key : config_keys) sections.emplace_back(key.section);
  const std::string near = nearest(section, sections);
  return {ErrorKind::not_found, "there is no section " + section, "venturi config list --section",
          near.empty() ? "see: venturi config list" : "did you mean " + near + "?"};
}

}  // namespace

Result<int> config_list(const Arguments& arguments) {
  const auto config = read_config();
  if (!config) return std::unexpected(config.error());
  const OutputFormat format = output_format(arguments.text("output"));
  if (arguments.has("ignored")) {
    print(format_rows(ignored_rows(*config), format));
    return exit_done;
  }
  const auto section = arguments.maybe("section");
  const bool with_variables = arguments.has("include-env-vars"), with_descriptions = arguments.has("include-descriptions");
  Rows rows{{"section", "option", "value", "source"}, {}};
  if (with_variables) rows.columns.emplace_back("variable");
  if (with_descriptions) rows.columns.emplace_back("description");
  for (std::size_t i = 0; i < std::size(config_keys); ++i) {
    const ConfigKey& key = config_keys[i];
    const Config::Setting& setting = config->settings()[i];
    if (section && *section != key.section) continue;
    if (arguments.has("changed") && setting.source == "default") continue;
    auto& row = rows.rows.emplace_back(
        std::vector<Value>{key.section, key.key, key.secret && !setting.text.empty() ? "***" : setting.text, setting.source});
    if (with_variables) row.emplace_back(environment_name(key));
    if (with_descriptions) row.emplace_back(key.description);
  }
  if (rows.rows.empty() && section && !arguments.has("changed")) return std::unexpected(no_section(*section));
  print(format_rows(rows, format));
  if (!config->ignored().empty()) {
    print_note("note: " + std::to_string(config->ignored().size()) +
               " of Airflow's variables are not used; see: venturi config list --ignored");
  }
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

// What is wrong is the error that every command gives; what is only not used is listed.
Result<int> config_lint(const Arguments&) {
  const auto config = read_config();
  if (!config) return std::unexpected(config.error());
  if (config->ignored().empty()) {
    print("No issues found in venturi.toml and the environment.\n");
    return exit_done;
  }
  print("No issues found in venturi.toml. These variables of Airflow's are not used:\n");
  for (const Config::Ignored& ignored : config->ignored()) print("  " + ignored.name + ": " + ignored.instead + "\n");
  return exit_done;
}

// ---- config import -------------------------------------------------------------------------------------------------------

namespace {

struct Imported {
  std::vector<TomlSetting> settings;
  Rows rows{{"airflow", "line", "venturi", "value", "outcome"}, {}};
};

// What each line comes to. A value that is the setting's already, or stands in the file, is not written again.
Imported import_entries(const std::vector<AirflowEntry>& entries, const Config& config, const std::filesystem::path& home) {
  Imported imported;
  std::map<std::size_t, std::string> taken;  // index of a setting: the key that gave it
  for (const AirflowEntry& entry : entries) {
    const std::string name = entry.section + "." + entry.key;
    const auto tell = [&](const std::string& ours, const Value& value, const std::string& outcome) {
      imported.rows.rows.push_back({name, entry.line, ours.empty() ? Value() : Value(ours), value, outcome});
    };
    const std::string_view setting = setting_of_airflow_key(entry.section, entry.key);
    if (setting.empty()) {
      tell("", Value(), "not used: " + std::string(instead_of_airflow_key(entry.section, entry.key)));
      continue;
    }
    const std::string ours(setting);
    const std::size_t index = find_config_key(setting);
    const ConfigKey& key = config_keys[index];
    const Value shown = key.secret ? Value("***") : Value(entry.value);
    if (key.secret) {
      tell(ours, shown, "left out: the home has one of its own");
      continue;
    }
    if (entry.value.empty()) {
      tell(ours, Value(), "left out: it is empty");
      continue;
    }
    const auto meant = value_of_airflow(setting, entry.value);
    const auto value = meant ? toml_value(key, *meant, home) : Result<std::string>(fail(ErrorKind::invalid, "not usable here"));
    if (!value) {
      tell(ours, shown, "left out: " + value.error().what);
    } else if (taken.contains(index)) {
      tell(ours, shown, "left out: " + taken[index] + " says it already");
    } else if (config.settings()[index].source.starts_with(home.string())) {
      tell(ours, shown, "left out: venturi.toml says it already");
    } else if (const auto fresh = toml_value(key, config.settings()[index].text, home);
               config.settings()[index].source == "default" && fresh && *fresh == *value) {
      tell(ours, shown, "left out: it is the default");
    } else {
      taken[index] = name;
      imported.settings.push_back({std::string(key.section), std::string(key.key), *value});
      tell(ours, shown, "imported");
    }
  }
  return imported;
}

}  // namespace

Result<int> config_import(const Arguments& arguments) {
  const std::string file = arguments.text("file");
  const auto content = read_small_file(file);
  if (!content) return std::unexpected(content.error());
  if (!*content) return fail(ErrorKind::not_found, "there is no such file", file);
  const auto entries = parse_airflow_cfg(**content);
  if (!entries) {
    Error error = entries.error();
    error.where = file + ", " + error.where;
    return std::unexpected(std::move(error));
  }
  // Nothing is made, and nothing written, before all of it is known to fit.
  const auto root = home_path();
  if (!root) return std::unexpected(root.error());
  const auto config = Config::load(*root, environ);
  if (!config) return std::unexpected(config.error());
  const Imported imported = import_entries(*entries, *config, *root);
  const auto target = Home{*root}.config_file();
  const auto before = read_small_file(target);
  if (!before) return std::unexpected(before.error());
  const std::string after = with_toml_settings(before->value_or(""), imported.settings);
  if (auto fits = config->check_file(*root, after); !fits) {
    Error& error = fits.error();
    error.what = "the settings cannot be added to the file as it is; nothing was written: " + error.what;
    if (error.hint.empty()) error.hint = "write [section] and then KEY = VALUE there, as venturi config list has them";
    return std::unexpected(std::move(error));
  }
  print(format_rows(imported.rows, output_format(arguments.text("output"))));
  const std::string count = std::to_string(imported.settings.size()) + " settings";
  if (arguments.has("dry-run")) {
    print_note("note: " + count + " would be written to " + target.string());
    return exit_done;
  }
  if (imported.settings.empty()) {
    print_note("note: nothing was written to " + target.string());
    return exit_done;
  }
  const auto opened = open_or_make_home();
  if (!opened) return std::unexpected(opened.error());
  if (auto written = write_private_file(target, after); !written) return std::unexpected(std::move(written.error()));
  print_note("note: " + count + " were written to " + target.string() +
             (server_is_running(opened->home) ? "; the server that runs takes them at its next start" : ""));
  return exit_done;
}

}  // namespace venturi::cli
