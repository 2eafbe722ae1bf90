// The configuration of a home: venturi.toml, overridden by AIRFLOW__SECTION__KEY in the environment where that has the same
// meaning (airflow_config.h), and by VENTURI__SECTION__KEY.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "home/config_keys.h"

namespace venturi {

// The name of a key, checked by the compiler: that the table has it, with that type.
template <ConfigType... Types>
struct ConfigName {
  std::size_t index;
  consteval ConfigName(const char* dotted) : index(find_config_key(dotted)) {
    if (index == std::size(config_keys)) throw "config_keys.h has no such key";
    if (((config_keys[index].type != Types) && ...)) throw "config_keys.h gives the key another type";
  }
};

class Config {
 public:
  struct Setting {
    std::string text;    // in one spelling: "true", "32", "0.5", an absolute path
    std::string source;  // "default", "/home/me/.venturi/venturi.toml:3", "VENTURI__CORE__PARALLELISM"
  };

  // A setting of Airflow's that is not used here: a variable AIRFLOW__SECTION__KEY. Never an error.
  struct Ignored {
    std::string name;     // "AIRFLOW__CORE__EXECUTOR"
    std::string instead;  // what there is in its place
  };

  // The file may be missing; `environment` ends with a null pointer, as environ does. Every key that is unknown or has a wrong
  // value is told, with its place and what to write instead.
  // `running`: what a process goes by already: commands that print secrets, which may take long, are not run again, their
  // settings are as there.
  [[nodiscard]] static Result<Config> load(const std::filesystem::path& home, const char* const* environment,
                                           const Config* running = nullptr);

  [[nodiscard]] const std::string& text(ConfigName<ConfigType::text> name) const { return settings_[name.index].text; }
  [[nodiscard]] std::filesystem::path path(ConfigName<ConfigType::path> name) const { return settings_[name.index].text; }
  [[nodiscard]] std::int64_t integer(ConfigName<ConfigType::integer> name) const;
  [[nodiscard]] std::chrono::microseconds seconds(ConfigName<ConfigType::seconds> name) const;
  [[nodiscard]] bool boolean(ConfigName<ConfigType::boolean> name) const { return settings_[name.index].text == "true"; }

  // Whether load() would take `toml` as the content of venturi.toml. Commands in it are not run.
  [[nodiscard]] Result<void> check_file(const std::filesystem::path& home, std::string_view toml) const;

  // The values of keys that may change while a server runs (is_reloaded()) become those of the other.
  void take_reloaded(const Config& other);

  // In the order of config_keys: for `config list`. Values of secret keys stand in it as they are.
  [[nodiscard]] const std::vector<Setting>& settings() const { return settings_; }
  // For `config list --ignored`, and a line at a server's start.
  [[nodiscard]] const std::vector<Ignored>& ignored() const { return ignored_; }
  // For `config get-value section key`: an unknown name is an error with the nearest one.
  [[nodiscard]] Result<Setting> setting(std::string_view section, std::string_view key) const;

 private:
  std::vector<Setting> settings_;
  std::vector<Ignored> ignored_;
};

// The name of its environment variable: "VENTURI__CORE__PARALLELISM".
[[nodiscard]] std::string environment_name(const ConfigKey& key);
// The value as it would stand in venturi.toml, quotes included, in its one spelling; an error where it is none.
[[nodiscard]] Result<std::string> toml_value(const ConfigKey& key, std::string_view text, const std::filesystem::path& home);

// docs/reference/configuration.md
[[nodiscard]] std::string config_reference();
// venturi.toml with all keys, commented out: what is installed as an example.
[[nodiscard]] std::string config_example();

}  // namespace venturi
