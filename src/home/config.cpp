#include "home/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/edit_distance.h"
#include "home/airflow_config.h"
#include "home/secret_value.h"
#include "home/small_file.h"

namespace venturi {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view environment_prefix = "VENTURI__";

std::string dotted(const ConfigKey& key) {
  return fmt::format("{}.{}", key.section, key.key);
}

std::string lower(std::string_view s) {
  std::string out(s);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

std::string environment_name(const ConfigKey& key) {
  std::string name = fmt::format("{}{}__{}", environment_prefix, key.section, key.key);
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

namespace {

const ConfigKey& nearest_key(std::string_view name) {
  return *std::ranges::min_element(config_keys, {}, [&](const ConfigKey& key) { return edit_distance(name, dotted(key)); });
}

Error unknown_key(std::string_view name, std::string where, bool in_environment) {
  const ConfigKey& near = nearest_key(lower(name));
  return {ErrorKind::invalid, fmt::format("unknown configuration key {}", name), std::move(where),
          fmt::format("the nearest is {}; all are in docs/reference/configuration.md",
                      in_environment ? environment_name(near) : dotted(near))};
}

std::string_view type_words(ConfigType type) {
  switch (type) {
    case ConfigType::text:
      return "a string";
    case ConfigType::path:
      return "a path, as a string";
    case ConfigType::integer:
      return "an integer";
    case ConfigType::seconds:
      return "a number of seconds";
    case ConfigType::boolean:
      return "true or false";
  }
  return "";
}

std::string expectation(const ConfigKey& key) {
  if (!key.choices.empty()) {
    std::string words = "one of ";
    for (const char c : key.choices) words += c == ' ' ? std::string(", ") : std::string(1, c);
    return words;
  }
  const bool number = key.type == ConfigType::integer || key.type == ConfigType::seconds;
  if (!number) return std::string(type_words(key.type));
  if (key.maximum == std::numeric_limits<std::int64_t>::max())
    return fmt::format("{} from {}", type_words(key.type), key.minimum);
  return fmt::format("{} from {} to {}", type_words(key.type), key.minimum, key.maximum);
}

bool in_range(const ConfigKey& key, double number) {
  return number >= static_cast<double>(key.minimum) && number <= static_cast<double>(key.maximum);
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const std::from_chars_result result = std::from_chars(text.begin(), text.end(), number);
  return result.ec == std::errc{} && result.ptr == text.end();
}

// The one spelling of a value; nothing where the text is none.
std::optional<std::string> canonical(const ConfigKey& key, std::string_view text, const fs::path& home) {
  switch (key.type) {
    case ConfigType::text: {
      if (key.choices.empty()) return std::string(text);
      std::istringstream choices{std::string(key.choices)};
      for (std::string choice; choices >> choice;) {
        if (lower(choice) == lower(text)) return choice;
      }
      return std::nullopt;
    }
    case ConfigType::path:
      if (text.empty()) return std::nullopt;
      return (home / text).lexically_normal().string();  // an absolute one replaces the home
    case ConfigType::integer: {
      std::int64_t number = 0;
      if (!read_number(text, number) || number < key.minimum || number > key.maximum) return std::nullopt;
      return std::to_string(number);
    }
    case ConfigType::seconds: {
      double number = 0;
      if (!read_number(text, number) || !std::isfinite(number) || !in_range(key, number)) return std::nullopt;
      return fmt::format("{}", number);
    }
    case ConfigType::boolean: {
      const std::string word = lower(text);  // the words that Airflow takes
      if (word == "true" || word == "t" || word == "1") return "true";
      if (word == "false" || word == "f" || word == "0") return "false";
      return std::nullopt;
    }
  }
  return std::nullopt;
}

Error wrong_value(const ConfigKey& key, std::string where) {
  return {ErrorKind::invalid, fmt::format("{} has to be {}", dotted(key), expectation(key)), std::move(where), {}};
}

// A TOML value of the key's type as text; nothing where it has another type.
std::optional<std::string> toml_text(const ConfigKey& key, const toml::node& node) {
  switch (key.type) {
    case ConfigType::text:
    case ConfigType::path:
      if (const auto* value = node.as_string()) return value->get();
      return std::nullopt;
    case ConfigType::integer:
      if (const auto* value = node.as_integer()) return std::to_string(value->get());
      return std::nullopt;
    case ConfigType::seconds:
      if (const auto* value = node.as_integer()) return std::to_string(value->get());
      if (const auto* value = node.as_floating_point()) return fmt::format("{}", value->get());
      return std::nullopt;
    case ConfigType::boolean:
      if (const auto* value = node.as_boolean()) return value->get() ? "true" : "false";
      return std::nullopt;
  }
  return std::nullopt;
}

std::string place(const fs::path& file, const toml::source_region& region) {
  return fmt::format("{}:{}", file.string(), region.begin.line);
}

// Secret keys have further forms: key_cmd and key_file.
std::pair<std::size_t, SecretForm> find_key(std::string_view dotted) {
  const std::size_t index = find_config_key(dotted);
  if (index != std::size(config_keys)) return {index, SecretForm::plain};
  const SecretName name = secret_name(dotted);
  const std::size_t base = find_config_key(name.key);
  if (base == std::size(config_keys) || !config_keys[base].secret) return {std::size(config_keys), SecretForm::plain};
  return {base, name.form};
}

Error of_secret(Error error, std::string where) {
  error.what += error.where.empty() ? "" : ": " + error.where;
  error.where = std::move(where);
  return error;
}

// Of several that give one setting the one that goes before the others counts, however they are ordered: as in Airflow the
// plain form before the command, and that before the file.
class Precedence {
 public:
  // Whether it counts. `place`: of names for one setting the first goes before the others.
  bool takes(std::size_t index, SecretForm form, int place = 0) {
    const int rank = form == SecretForm::plain ? 2 : form == SecretForm::command ? 1 : 0;
    const std::pair mine(-place, rank);
    if (best_[index] && *best_[index] > mine) return false;
    best_[index] = mine;
    return true;
  }

 private:
  std::vector<std::optional<std::pair<int, int>>> best_ =
      std::vector<std::optional<std::pair<int, int>>>(std::size(config_keys));
};

void read_toml(const fs::path& home, std::string_view content, const Config* running, std::vector<Config::Setting>& settings,
               std::vector<Error>& errors) {
  Precedence precedence;
  const fs::path file = home / "venturi.toml";
  const toml::parse_result parsed = toml::parse(content, file.string());
  if (!parsed) {
    errors.push_back({ErrorKind::invalid,
                      fmt::format("this is not TOML: {}", parsed.error().description()),
                      place(file, parsed.error().source()),
                      {}});
    return;
  }
  for (const auto& [section, section_node] : parsed.table()) {
    const toml::table* table = section_node.as_table();
    if (table == nullptr) {
      const ConfigKey& near = nearest_key(section.str());
      errors.push_back({ErrorKind::invalid, fmt::format("the key {} stands outside of a section", section.str()),
                        place(file, section_node.source()), fmt::format("the nearest is {} in [{}]", near.key, near.section)});
      continue;
    }
    for (const auto& [name, node] : *table) {
      const std::string full = fmt::format("{}.{}", section.str(), name.str());
      const auto [index, form] = find_key(full);
      if (index == std::size(config_keys)) {
        errors.push_back(unknown_key(full, place(file, node.source()), false));
        continue;
      }
      const ConfigKey& key = config_keys[index];
      auto text = toml_text(key, node);
      if (text && !precedence.takes(index, form)) continue;
      if (text && form == SecretForm::command && running != nullptr) {
        settings[index] = running->settings()[index];
        continue;
      }
      if (text && form != SecretForm::plain) {
        auto secret = read_secret_value(form, *text);
        if (!secret) {
          errors.push_back(of_secret(std::move(secret.error()), fmt::format("{}, {}", place(file, node.source()), full)));
          continue;
        }
        text = std::move(*secret);
      }
      auto value = text ? canonical(key, *text, home) : std::nullopt;
      if (value) {
        settings[index] = {std::move(*value), place(file, node.source())};
      } else {
        errors.push_back(wrong_value(key, place(file, node.source())));
      }
    }
  }
}

void read_file(const fs::path& home, const Config* running, std::vector<Config::Setting>& settings,
               std::vector<Error>& errors) {
  const auto content = read_small_file(home / "venturi.toml");
  if (!content) return errors.push_back(content.error());
  if (*content) read_toml(home, **content, running, settings, errors);
}

void read_environment(const fs::path& home, const char* const* environment, const Config* running,
                      std::vector<Config::Setting>& settings, std::vector<Error>& errors) {
  Precedence precedence;
  for (; *environment != nullptr; ++environment) {
    const std::string_view entry = *environment;
    if (!entry.starts_with(environment_prefix)) continue;
    const std::size_t equals = std::min(entry.find('='), entry.size());
    const std::string_view variable = entry.substr(0, equals);
    std::string name = lower(variable.substr(environment_prefix.size()));
    if (const std::size_t at = name.find("__"); at != std::string::npos) name.replace(at, 2, ".");
    const auto [index, form] = find_key(name);
    constexpr std::string_view endings[] = {"", "_CMD", "_FILE"};
    // Only upper case: otherwise two variables could give one key.
    if (index == std::size(config_keys) ||
        environment_name(config_keys[index]) + std::string(endings[static_cast<int>(form)]) != variable) {
      Error error = unknown_key(name, "environment", true);
      error.what = fmt::format("unknown configuration key {}", variable);
      errors.push_back(std::move(error));
      continue;
    }
    if (!precedence.takes(index, form)) continue;
    if (form == SecretForm::command && running != nullptr) {
      settings[index] = running->settings()[index];
      continue;
    }
    auto text = read_secret_value(form, std::string(entry.substr(std::min(equals + 1, entry.size()))));
    if (!text) {
      errors.push_back(of_secret(std::move(text.error()), fmt::format("environment, {}", variable)));
      continue;
    }
    auto value = canonical(config_keys[index], *text, home);
    if (value) {
      settings[index] = {std::move(*value), std::string(variable)};
    } else {
      errors.push_back(wrong_value(config_keys[index], fmt::format("environment, {}", variable)));
    }
  }
}

// What Airflow's variables say, where it is understood; what is not is told, and no error: the same environment may start both.
void read_airflow_environment(const fs::path& home, const char* const* environment, const Config* running,
                              std::vector<Config::Setting>& settings, std::vector<Config::Ignored>& ignored) {
  Precedence precedence;
  for (; *environment != nullptr; ++environment) {
    const std::string_view entry = *environment;
    const std::size_t equals = std::min(entry.find('='), entry.size());
    const std::string variable(entry.substr(0, equals));
    const auto name = airflow_name(variable);
    if (!name) continue;
    const std::string_view full = setting_of_airflow_key(name->section, name->key);
    std::size_t index = full.empty() ? std::size(config_keys) : find_config_key(full);
    auto form = SecretForm::plain;
    if (full.empty()) {  // secret keys have further forms
      const SecretName secret = secret_name(name->key);
      const std::string_view base = setting_of_airflow_key(name->section, secret.key);
      if (!base.empty() && config_keys[find_config_key(base)].secret) {
        index = find_config_key(base);
        form = secret.form;
      }
    }
    if (index == std::size(config_keys)) {
      ignored.push_back({variable, std::string(instead_of_airflow_key(name->section, name->key))});
      continue;
    }
    const ConfigKey& key = config_keys[index];
    const std::string given(entry.substr(std::min(equals + 1, entry.size())));
    if (key.secret && given.empty()) continue;  // as templates of deployments leave it: none is given
    if (!precedence.takes(index, form, place_of_airflow_key(name->section, name->key))) continue;
    if (form == SecretForm::command && running != nullptr) {
      settings[index] = running->settings()[index];
      continue;
    }
    auto text = read_secret_value(form, given);
    const auto meant = text ? value_of_airflow(dotted(key), *text) : std::nullopt;
    auto value = meant ? canonical(key, *meant, home) : std::nullopt;
    if (value) {
      settings[index] = {std::move(*value), variable};
    } else {
      ignored.push_back({variable, text ? fmt::format("{} has to be {}", dotted(key), expectation(key)) : text.error().text()});
    }
  }
}

Error one_error(std::vector<Error> errors) {
  if (errors.size() == 1) return std::move(errors.front());
  std::string list = fmt::format("{} settings are wrong:", errors.size());
  for (const Error& error : errors) list += "\n  " + error.text();
  return {ErrorKind::invalid, std::move(list), "configuration", {}};
}

}  // namespace

Result<std::string> toml_value(const ConfigKey& key, std::string_view text, const fs::path& home) {
  const auto value = canonical(key, text, home);
  if (!value) return std::unexpected(wrong_value(key, {}));
  if (key.type != ConfigType::text && key.type != ConfigType::path) return *value;
  std::ostringstream out;
  out << toml::value<std::string>(*value);
  return out.str();
}

Result<Config> Config::load(const fs::path& home, const char* const* environment, const Config* running) {
  Config config;
  for (const ConfigKey& key : config_keys)
    config.settings_.push_back({canonical(key, key.default_value, home).value(), "default"});
  std::vector<Error> errors;
  read_file(home, running, config.settings_, errors);
  read_airflow_environment(home, environment, running, config.settings_, config.ignored_);
  read_environment(home, environment, running, config.settings_, errors);
  if (!errors.empty()) return std::unexpected(one_error(std::move(errors)));
  return config;
}

Result<void> Config::check_file(const fs::path& home, std::string_view toml) const {
  std::vector<Setting> settings = settings_;
  std::vector<Error> errors;
  read_toml(home, toml, this, settings, errors);
  if (!errors.empty()) return std::unexpected(one_error(std::move(errors)));
  return {};
}

std::int64_t Config::integer(ConfigName<ConfigType::integer> name) const {
  return std::stoll(settings_[name.index].text);
}

std::chrono::microseconds Config::seconds(ConfigName<ConfigType::seconds> name) const {
  return std::chrono::round<std::chrono::microseconds>(std::chrono::duration<double>(std::stod(settings_[name.index].text)));
}

void Config::take_reloaded(const Config& other) {
  for (std::size_t i = 0; i < std::size(config_keys); ++i) {
    if (is_reloaded(config_keys[i])) settings_[i] = other.settings_[i];
  }
}

Result<Config::Setting> Config::setting(std::string_view section, std::string_view key) const {
  const std::string full = fmt::format("{}.{}", section, key);
  const std::size_t index = find_config_key(full);
  if (index == std::size(config_keys)) {
    Error error = unknown_key(full, {}, false);
    error.kind = ErrorKind::not_found;
    return std::unexpected(std::move(error));
  }
  return settings_[index];
}

std::string config_reference() {
  std::string page =
      "# Configuration\n\n"
      "<!-- Made from src/home/config_keys.h by: ninja venturi_config_reference && src/home/venturi_config_reference > "
      "docs/reference/configuration.md -->\n\n"
      "Settings stand in `$VENTURI_HOME/venturi.toml` (`VENTURI_HOME` is `~/.venturi` unless it is set), by section:\n\n"
      "```toml\n[core]\nparallelism = 64\n```\n\n"
      "An environment variable `VENTURI__SECTION__KEY` goes before the file: `VENTURI__CORE__PARALLELISM=64`. Keys that are "
      "not on\n"
      "this page are errors. `AIRFLOW__SECTION__KEY` is understood where a setting has the same meaning, and goes before the "
      "file too;\n"
      "`venturi config list --ignored` shows the other variables of Airflow's with what there is in their place, and `venturi "
      "config\n"
      "import airflow.cfg` takes over a file. Of secret keys, `KEY_FILE` names a file with the value, and `KEY_CMD` a command "
      "that prints\n"
      "it within 30 s. Relative paths count from `$VENTURI_HOME`. `venturi config list` shows the settings in force.\n"
      "How commits reach the disk is no setting: the database always runs with `synchronous=FULL`.\n"
      "A running server reads the file again on SIGHUP. It takes over what is marked with ↻ and says what needs a restart.\n";
  std::string_view section;
  for (const ConfigKey& key : config_keys) {
    if (key.section != section) {
      section = key.section;
      page += fmt::format("\n## [{}]\n\n| key | value | default | meaning |\n|---|---|---|---|\n", section);
    }
    const std::string default_value = key.default_value.empty() ? "" : fmt::format("`{}`", key.default_value);
    page += fmt::format("| `{}`{} | {}{} | {} | {} |\n", key.key, is_reloaded(key) ? " ↻" : "", expectation(key),
                        key.secret ? ", secret" : "", default_value, key.description);
  }
  return page;
}

}  // namespace venturi
