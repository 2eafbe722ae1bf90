#include "home/airflow_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "home/config.h"

namespace venturi {
namespace {

using ::testing::HasSubstr;

class AirflowConfigTest : public testing::Test {
 protected:
  AirflowConfigTest() : home_(testing::TempDir() + "/airflow_config_" + std::to_string(::getpid())) {
    std::filesystem::create_directories(home_);
  }
  ~AirflowConfigTest() override { std::filesystem::remove_all(home_); }

  [[nodiscard]] Result<Config> load(std::vector<const char*> environment) const {
    environment.push_back(nullptr);
    return Config::load(home_, environment.data());
  }
  void write(const char* name, const std::string& text) const { std::ofstream(home_ / name) << text; }

  std::filesystem::path home_;
};

TEST_F(AirflowConfigTest, EachSettingThatIsNamedIsOneOfOurs) {
  for (const char* name : {"core.parallelism", "api.port", "logging.logging_level"}) {
    const std::string text(name);
    const std::size_t dot = text.find('.');
    EXPECT_NE(find_config_key(setting_of_airflow_key(text.substr(0, dot), text.substr(dot + 1))), std::size(config_keys))
        << name;
  }
  EXPECT_EQ(setting_of_airflow_key("core", "executor"), "");
}

TEST_F(AirflowConfigTest, VariablesOfTheSameMeaningAreUnderstood) {
  const auto config =
      load({"AIRFLOW__CORE__PARALLELISM=7", "AIRFLOW__LOGGING__LOGGING_LEVEL=debug", "AIRFLOW__CORE__DAGS_FOLDER=/dags"});
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->integer("core.parallelism"), 7);
  EXPECT_EQ(config->text("logging.level"), "DEBUG");
  EXPECT_EQ(config->path("core.dags_folder"), "/dags");
  EXPECT_EQ(config->setting("core", "parallelism")->source, "AIRFLOW__CORE__PARALLELISM");
  EXPECT_TRUE(config->ignored().empty());
}

TEST_F(AirflowConfigTest, OursGoBeforeThem) {
  write("venturi.toml", "[core]\nparallelism = 5\n");
  EXPECT_EQ(load({"AIRFLOW__CORE__PARALLELISM=7"})->integer("core.parallelism"), 7) << "the environment goes before the file";
  EXPECT_EQ(load({"VENTURI__CORE__PARALLELISM=9", "AIRFLOW__CORE__PARALLELISM=7"})->integer("core.parallelism"), 9);
}

TEST_F(AirflowConfigTest, WhatIsNotUsedIsToldAndNoError) {
  const auto config = load({"AIRFLOW__CORE__EXECUTOR=CeleryExecutor", "AIRFLOW__SMTP__SMTP_HOST=mail", "AIRFLOW__NOVEL__KEY=1",
                            "AIRFLOW__CORE__PARALLELISM=many", "AIRFLOW__CORE__DEFAULT_TIMEZONE=system", "AIRFLOW_HOME=/x",
                            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD=echo it must not run >&2"});
  ASSERT_TRUE(config) << config.error().text();
  std::map<std::string, std::string> told;
  for (const Config::Ignored& ignored : config->ignored()) told[ignored.name] = ignored.instead;
  EXPECT_EQ(told.size(), 6U);
  EXPECT_THAT(told["AIRFLOW__CORE__EXECUTOR"], HasSubstr("on this machine"));
  EXPECT_THAT(told["AIRFLOW__SMTP__SMTP_HOST"], HasSubstr("smtp_default"));
  EXPECT_THAT(told["AIRFLOW__NOVEL__KEY"], HasSubstr("no setting"));
  EXPECT_THAT(told["AIRFLOW__CORE__PARALLELISM"], HasSubstr("has to be an integer"));
  EXPECT_THAT(told["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD"], HasSubstr("[database] path"));
  EXPECT_EQ(config->integer("core.parallelism"), 32);
}

TEST_F(AirflowConfigTest, SecretsComeFromFilesAndCommands) {
  write("secret", "a-secret\n");
  const std::string file = "VENTURI__API__ADMIN_PASSWORD_FILE=" + (home_ / "secret").string();
  EXPECT_EQ(load({file.c_str()})->text("api.admin_password"), "a-secret");
  EXPECT_EQ(load({"VENTURI__API__ADMIN_PASSWORD_CMD=echo of-a-command"})->text("api.admin_password"), "of-a-command");
  EXPECT_EQ(load({"AIRFLOW__API_AUTH__JWT_SECRET_CMD=echo signing"})->text("api_auth.jwt_secret"), "signing");
  write("venturi.toml", "[api]\nadmin_password_cmd = \"echo of-the-file\"\n");
  EXPECT_EQ(load({})->text("api.admin_password"), "of-the-file");
}

TEST_F(AirflowConfigTest, OfSeveralNamesOneGoesBeforeTheOthersInWhateverOrder) {
  const auto of_both = [&](const char* first, const char* second, const char* section, const char* key) {
    const std::string one = load({first, second})->setting(section, key)->text;
    EXPECT_EQ(load({second, first})->setting(section, key)->text, one) << first << " " << second;
    return one;
  };
  EXPECT_EQ(of_both("AIRFLOW__CORE__DAG_CONCURRENCY=5", "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG=7", "core",
                    "max_active_tasks_per_dag"),
            "7");
  EXPECT_EQ(of_both("AIRFLOW__WEBSERVER__WEB_SERVER_PORT=5", "AIRFLOW__API__PORT=7", "api", "port"), "7");
  EXPECT_EQ(of_both("VENTURI__API__ADMIN_PASSWORD_CMD=echo no", "VENTURI__API__ADMIN_PASSWORD=yes", "api", "admin_password"),
            "yes");
  write("venturi.toml", "[api_auth]\njwt_secret = \"of the file\"\n");
  EXPECT_EQ(load({"AIRFLOW__API_AUTH__JWT_SECRET="})->text("api_auth.jwt_secret"), "of the file") << "an empty one is none";
}

TEST_F(AirflowConfigTest, ARunningProcessRunsNoCommandsOnceMore) {
  const std::string runs = (home_ / "runs").string();
  write("venturi.toml", "[api]\nadmin_password_cmd = \"echo x >> " + runs + "; echo secret\"\n");
  const auto running = load({});
  ASSERT_TRUE(running) << running.error().text();
  const char* const none[] = {nullptr};
  const auto again = Config::load(home_, none, &*running);
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->text("api.admin_password"), "secret");
  EXPECT_EQ(std::filesystem::file_size(runs), 2U);
}

TEST_F(AirflowConfigTest, ASecretThatCannotBeReadIsAnErrorWithItsPlace) {
  EXPECT_THAT(load({"VENTURI__API__ADMIN_PASSWORD_FILE=/nowhere"}).error().text(),
              HasSubstr("environment, VENTURI__API__ADMIN_PASSWORD_FILE: there is no such file: /nowhere"));
  EXPECT_THAT(load({"VENTURI__API__ADMIN_PASSWORD_CMD=exit 3"}).error().text(), HasSubstr("the command ended with 3"));
  write("venturi.toml", "[api]\nadmin_password_cmd = \"exit 3\"\n");
  EXPECT_THAT(load({}).error().text(), HasSubstr("venturi.toml:2, api.admin_password_cmd: the command ended with 3"));
  write("venturi.toml", "");
  EXPECT_THAT(load({"VENTURI__API__PORT_CMD=echo 80"}).error().text(), HasSubstr("unknown configuration key")) << "no secret";
}

TEST_F(AirflowConfigTest, AFileIsReadAsConfigparserDoes) {
  const auto entries = parse_airflow_cfg(
      "# head\n[core]\nParallelism = 8\n; comment\ndags_folder: /opt/dags\nlong = a\n  b %%c\n\n[api]\nport=90\n");
  ASSERT_TRUE(entries) << entries.error().text();
  ASSERT_EQ(entries->size(), 4U);
  EXPECT_EQ((*entries)[0].key, "parallelism");
  EXPECT_EQ((*entries)[0].line, 3);
  EXPECT_EQ((*entries)[1].value, "/opt/dags");
  EXPECT_EQ((*entries)[2].value, "a\nb %c");
  EXPECT_EQ((*entries)[3].section, "api");
  EXPECT_THAT(parse_airflow_cfg("[core]\nnonsense\n").error().text(), HasSubstr("line 2"));
  EXPECT_THAT(parse_airflow_cfg("key = 1\n").error().text(), HasSubstr("outside of a section"));
}

}  // namespace
}  // namespace venturi
