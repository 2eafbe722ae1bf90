#include "home/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace venturi {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    std::string path = (fs::temp_directory_path() / "venturi_config.XXXXXX").string();
    home_ = ::mkdtemp(path.data());
  }
  ~ConfigTest() override { fs::remove_all(home_); }

  Result<Config> load(std::string_view toml, std::vector<const char*> environment = {}) {
    if (!toml.empty()) std::ofstream(home_ / "venturi.toml") << toml;
    environment.push_back(nullptr);
    return Config::load(home_, environment.data());
  }
  std::string refusal(std::string_view toml, const std::vector<const char*>& environment = {}) {
    const auto config = load(toml, environment);
    return config ? "accepted" : config.error().text();
  }
  std::string line(int number) const { return (home_ / "venturi.toml").string() + ":" + std::to_string(number) + ": "; }

  fs::path home_;
};

TEST_F(ConfigTest, DefaultsWithoutFile) {
  const auto config = load("");
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->integer("core.parallelism"), 32);
  EXPECT_EQ(config->text("core.default_timezone"), "utc");
  EXPECT_TRUE(config->boolean("core.dags_are_paused_at_creation"));
  EXPECT_EQ(config->seconds("worker.server_grace_s"), 60s);
  EXPECT_EQ(config->path("core.dags_folder"), home_ / "dags");
  EXPECT_EQ(config->path("database.path"), home_ / "venturi.db");
  for (const auto& setting : config->settings()) EXPECT_EQ(setting.source, "default");
}

TEST_F(ConfigTest, FileThenEnvironment) {
  const auto config = load(
      "# first\n[core]\nparallelism = 64\ndags_are_paused_at_creation = false\ndags_folder = \"/srv/dags\"\n\n"
      "[worker]\nwarm_idle_s = 1.5\nserver_grace_s = 7\n[logging]\nlevel = \"debug\"\n",
      {"PATH=/bin", "VENTURI__CORE__PARALLELISM=128", "VENTURI_HOME=/x", "VENTURI__DATABASE__PATH=../m.db"});
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->integer("core.parallelism"), 128);
  EXPECT_EQ(config->setting("core", "parallelism")->source, "VENTURI__CORE__PARALLELISM");
  EXPECT_FALSE(config->boolean("core.dags_are_paused_at_creation"));
  EXPECT_EQ(config->setting("core", "dags_are_paused_at_creation")->source, (home_ / "venturi.toml:4").string());
  EXPECT_EQ(config->setting("core", "dags_are_paused_at_creation")->text, "false");
  EXPECT_EQ(config->path("core.dags_folder"), "/srv/dags");
  EXPECT_EQ(config->seconds("worker.warm_idle_s"), 1500ms);
  EXPECT_EQ(config->seconds("worker.server_grace_s"), 7s);
  EXPECT_EQ(config->text("logging.level"), "DEBUG");
  EXPECT_EQ(config->path("database.path"), home_.parent_path() / "m.db");
}

TEST_F(ConfigTest, BooleansInTheEnvironmentAsAirflowTakesThem) {
  for (const auto& [text, expected] :
       {std::pair{"True", true}, {"t", true}, {"1", true}, {"FALSE", false}, {"f", false}, {"0", false}}) {
    const std::string variable = std::string("VENTURI__CORE__DAGS_ARE_PAUSED_AT_CREATION=") + text;
    EXPECT_EQ(load("", {variable.c_str()})->boolean("core.dags_are_paused_at_creation"), expected) << text;
  }
}

TEST_F(ConfigTest, UnknownKeysNameTheNearest) {
  EXPECT_EQ(refusal("[core]\nparalelism = 64\n"),
            line(2) +
                "unknown configuration key core.paralelism (the nearest is core.parallelism; all are in "
                "docs/reference/configuration.md)");
  EXPECT_THAT(refusal("[dagprocessor]\nrefresh_interval = 64\n"),
              HasSubstr("the nearest is dag_processor.refresh_interval_s;"));
  EXPECT_THAT(refusal("[database]\nfsync = false\n"), HasSubstr("unknown configuration key database.fsync"));
  EXPECT_THAT(refusal("\nparallelism = 64\n"),
              HasSubstr(line(2) + "the key parallelism stands outside of a section (the nearest is parallelism in [core])"));
}

TEST_F(ConfigTest, UnknownVariablesNameTheNearest) {
  EXPECT_EQ(
      refusal("", {"VENTURI__CORE__PARALELISM=64"}),
      "environment: unknown configuration key VENTURI__CORE__PARALELISM (the nearest is VENTURI__CORE__PARALLELISM; all are in "
      "docs/reference/configuration.md)");
  EXPECT_THAT(refusal("", {"VENTURI__PARALLELISM=64"}), HasSubstr("VENTURI__CORE__PARALLELISM"));
  EXPECT_THAT(refusal("", {"VENTURI__core__parallelism=64"}), HasSubstr("the nearest is VENTURI__CORE__PARALLELISM"));
  EXPECT_THAT(refusal("", {"VENTURI__"}), HasSubstr("unknown configuration key VENTURI__ "));
}

TEST_F(ConfigTest, WrongValuesNameFileAndLine) {
  EXPECT_EQ(refusal("[core]\n\nparallelism = \"64\"\n"), line(3) + "core.parallelism has to be an integer from 1 to 1000000");
  EXPECT_EQ(refusal("[core]\nparallelism = 0\n"), line(2) + "core.parallelism has to be an integer from 1 to 1000000");
  EXPECT_EQ(refusal("[core]\nparallelism = 1.0\n"), line(2) + "core.parallelism has to be an integer from 1 to 1000000");
  EXPECT_EQ(refusal("[core]\ndags_are_paused_at_creation = 1\n"),
            line(2) + "core.dags_are_paused_at_creation has to be true or false");
  EXPECT_EQ(refusal("[core]\ndags_folder = \"\"\n"), line(2) + "core.dags_folder has to be a path, as a string");
  EXPECT_EQ(refusal("[worker]\nwarm_idle_s = nan\n"),
            line(2) + "worker.warm_idle_s has to be a number of seconds from 0 to 86400");
  EXPECT_EQ(refusal("[logging]\nlevel = \"LOUD\"\n"),
            line(2) + "logging.level has to be one of DEBUG, INFO, WARNING, ERROR, CRITICAL");
  EXPECT_THAT(refusal("[core]\nparallelism = \n"), HasSubstr(line(2) + "this is not TOML: "));
  EXPECT_THAT(refusal("[core]\nparallelism = 1\nparallelism = 2\n"), HasSubstr(line(3) + "this is not TOML: "));
}

TEST_F(ConfigTest, WrongVariablesAreNamed) {
  for (const char* value : {"", "x", "1x", " 1", "99999999999999999999", "-1"}) {
    const std::string variable = std::string("VENTURI__CORE__PARALLELISM=") + value;
    EXPECT_EQ(refusal("", {variable.c_str()}),
              "environment, VENTURI__CORE__PARALLELISM: core.parallelism has to be an integer from 1 to 1000000");
  }
  EXPECT_THAT(refusal("", {"VENTURI__WORKER__WARM_IDLE_S=inf"}), HasSubstr("has to be a number of seconds"));
}

TEST_F(ConfigTest, AllMistakesAreTold) {
  const std::string told = refusal("[core]\nparalelism = 64\n[worker]\nparallelism = true\n", {"VENTURI__X__Y=1"});
  EXPECT_THAT(told, HasSubstr("configuration: 3 settings are wrong:\n  "));
  EXPECT_THAT(told, HasSubstr("core.paralelism"));
  EXPECT_THAT(told, HasSubstr("worker.parallelism has to be an integer"));
  EXPECT_THAT(told, HasSubstr("VENTURI__X__Y"));
}

TEST_F(ConfigTest, AFolderInPlaceOfTheFileIsAnError) {
  fs::create_directory(home_ / "venturi.toml");
  EXPECT_THAT(refusal(""), HasSubstr("cannot read the file: Is a directory"));
}

TEST_F(ConfigTest, GetValueNamesTheNearest) {
  const auto config = load("");
  EXPECT_EQ(config->setting("core", "parallelism")->text, "32");
  const auto missing = config->setting("core", "parallel");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  EXPECT_THAT(missing.error().hint, HasSubstr("core.parallelism"));
}

TEST(ConfigKeys, AreUniqueSortedIntoSectionsAndDescribed) {
  std::set<std::string> names, sections;
  std::string_view section;
  for (const ConfigKey& key : config_keys) {
    EXPECT_TRUE(names.insert(std::string(key.section) + "." + std::string(key.key)).second) << key.key;
    if (key.section != section) {
      EXPECT_TRUE(sections.insert(std::string(key.section)).second) << key.section;
    }
    section = key.section;
    EXPECT_TRUE(key.description.ends_with('.')) << key.key;
    EXPECT_EQ(key.description.find('|'), std::string_view::npos) << key.key;
  }
}

TEST(ConfigReference, IsUpToDate) {
  std::ifstream file(VENTURI_SOURCE_DIR "/docs/reference/configuration.md");
  std::ostringstream page;
  page << file.rdbuf();
  EXPECT_EQ(page.str(), config_reference())
      << "make it again: ninja venturi_config_reference && src/home/venturi_config_reference > docs/reference/configuration.md";
}

TEST_F(ConfigTest, TheExampleHasEveryKeyWithItsDefault) {
  // As a user would, from before each setting.
  std::string toml;
  std::istringstream lines(config_example());
  std::size_t settings = 0;
  for (std::string text; std::getline(lines, text);) {
    EXPECT_LE(text.size(), 120U) << text;
    if (text.starts_with("#") && !text.starts_with("# ")) {
      text.erase(0, 1);
      ++settings;
    }
    toml += text + "\n";
  }
  EXPECT_EQ(settings, std::size(config_keys));
  const auto defaults = load(""), config = load(toml);
  ASSERT_TRUE(config) << config.error().text();
  for (std::size_t i = 0; i < settings; ++i) {
    EXPECT_EQ(config->settings()[i].text, defaults->settings()[i].text) << config_keys[i].key;
    EXPECT_THAT(config->settings()[i].source, HasSubstr("venturi.toml:")) << config_keys[i].key;
  }
}

}  // namespace
}  // namespace venturi
