#include "cli/secret_files.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "cli/connection_input.h"
#include "cli/variable_file.h"

namespace venturi::cli {
namespace {

namespace fs = std::filesystem;

class SecretFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "venturi-files-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, std::string_view content, mode_t mode = 0600) {
    std::ofstream(folder_ / name) << content;
    ::chmod((folder_ / name).c_str(), mode);
    return folder_ / name;
  }
  static std::string error_of(const auto& result) { return result ? "no error" : result.error().text(); }

  fs::path folder_;
};

const std::vector<Connection> two_connections() {
  Connection db{.conn_id = "test_db", .conn_type = "postgres"};
  db.host = "localhost";
  db.login = "me";
  db.password = "p@ss;w'ord %&\"";
  db.port = 5432;
  db.schema = "test_db";
  db.extra = R"({"sslmode":"require"})";
  Connection mail{.conn_id = "mail", .conn_type = "smtp"};
  mail.host = "mail.example.org";
  return {db, mail};
}

TEST_F(SecretFilesTest, ConnectionsSurviveEachFormat) {
  for (const auto& [name, format, serialization] :
       {std::tuple{"c.json", "json", "uri"}, {"c.yaml", "yaml", "uri"}, {"c.env", "env", "uri"}, {"d.env", "env", "json"}}) {
    const auto path = write(name, connection_file(two_connections(), format, serialization));
    const auto read = read_connection_file(path);
    ASSERT_TRUE(read) << name << ": " << read.error().text();
    EXPECT_EQ(*read, two_connections()) << name;
  }
}

TEST_F(SecretFilesTest, ConnectionsOfAirflowsFiles) {
  const auto read = read_connection_file(write("a.yml",
                                               "one: mysql://host/db\n"
                                               "two:\n  conn_type: http\n  host: h\n  extra_dejson:\n    a: 1\n"
                                               "three: [\"Host=h;Database=d\"]\n"));
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_EQ(read->size(), 3U);
  EXPECT_EQ((*read)[0].conn_type, "mysql");
  EXPECT_EQ((*read)[1].extra, "{\"a\":1}");
  EXPECT_EQ((*read)[2].host, "h");
}

TEST_F(SecretFilesTest, AFileWithOneBadConnectionNamesItAndKeepsItsText) {
  const auto path = write("a.json", R"({"good": "http://h", "bad": "secret-password", "worse": 3})");
  const auto read = read_connection_file(path);
  ASSERT_FALSE(read);
  const std::string text = read.error().text();
  EXPECT_TRUE(text.starts_with(path.string() + ": nothing was imported, because of:\n  connection bad: ")) << text;
  EXPECT_NE(text.find("\n  connection worse: it is neither a text nor an object"), std::string::npos) << text;
  EXPECT_EQ(text.find("secret-password"), std::string::npos) << text;
}

TEST_F(SecretFilesTest, EnvFilesAreReadLineByLine) {
  const auto object = read_secret_file(write("a.env", "# comment\n\n  # another\na=1\nb=x=y\r\nc=\n"));
  ASSERT_TRUE(object) << object.error().text();
  EXPECT_EQ(Value(*object), Value(Object{{"a", "1"}, {"b", "x=y"}, {"c", ""}}));
  EXPECT_EQ(error_of(read_secret_file(write("b.env", "a=1\nsecret\n"))),
            (folder_ / "b.env").string() + ": line 2 is not of the form NAME=VALUE");
  EXPECT_EQ(error_of(read_secret_file(write("c.env", "a=1\na=2\n"))),
            (folder_ / "c.env").string() + ": line 2: there is a line for a already");
}

TEST_F(SecretFilesTest, ErrorsOfFiles) {
  EXPECT_EQ(error_of(read_secret_file(folder_ / "none.json")), (folder_ / "none.json").string() + ": there is no such file");
  EXPECT_EQ(
      error_of(read_secret_file(write("a.txt", "x"))),
      (folder_ / "a.txt").string() + ": what the file holds shows at the end of its name (name it .json, .yaml, .yml or .env)");
  EXPECT_EQ(error_of(read_secret_file(write("a.json", "[1]"))),
            (folder_ / "a.json").string() + ": it holds no object, but something of type array");
  EXPECT_EQ(error_of(read_secret_file(write("b.json", "{\"a\": sec}"))),
            (folder_ / "b.json").string() + ": this is no JSON: line 1, column 7: syntax error");
}

TEST_F(SecretFilesTest, VariablesAreTextsOrJson) {
  const auto read = read_variable_file(
      write("v.json",
            R"({"text": "10", "number": 10, "object": {"a": [1]}, "described": {"value": {"b": 2}, "description": "why"}})"));
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_EQ(read->size(), 4U);
  EXPECT_EQ((*read)[0].value, "10");
  EXPECT_EQ((*read)[1].value, "10");
  EXPECT_EQ((*read)[2].value, R"({"a":[1]})");
  EXPECT_EQ((*read)[3].value, R"({"b":2})");
  EXPECT_EQ((*read)[3].description, "why");
}

TEST_F(SecretFilesTest, VariablesReadBackToTheSameText) {
  const std::vector<store::VariableRow> variables{
      {"a", "plain", ""},       {"b", "10", ""},      {"c", R"({"x":1})", "why"},  {"d", R"({ "x": 1 })", ""},
      {"e", R"("quoted")", ""}, {"f", "", "nothing"}, {"g", R"({"value":1})", ""}, {"h", "1.50", ""},
      {"i", "null", ""},        {"j", "ключ\n", ""}};
  const auto read = read_variable_file(write("v.json", variable_file(variables)));
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_EQ(read->size(), variables.size());
  for (std::size_t i = 0; i < variables.size(); ++i) {
    EXPECT_EQ((*read)[i].key, variables[i].key);
    EXPECT_EQ((*read)[i].value, variables[i].value) << variables[i].key;
    EXPECT_EQ((*read)[i].description, variables[i].description) << variables[i].key;
  }
}

TEST_F(SecretFilesTest, SecretsGoToPrivateFilesOnly) {
  EXPECT_TRUE(check_secret_target(folder_ / "new.json"));
  EXPECT_TRUE(check_secret_target(write("mine.json", "")));
  const auto open = write("open.json", "", 0640);
  EXPECT_EQ(error_of(check_secret_target(open)),
            open.string() +
                ": others can read the file, and secrets would be written to it in clear (mend it with: chmod 600 " +
                open.string() + ")");
  EXPECT_EQ(error_of(check_secret_target("-")),
            "-: secrets are written in clear to a file only, which nobody else can read (give the name of a file)");
  EXPECT_EQ(error_of(check_secret_target("/dev/null")),
            "/dev/null: secrets are written in clear to a regular file only (give another name)");

  ASSERT_TRUE(write_secret_file(folder_ / "new.json", "{}"));
  struct stat info{};
  ASSERT_EQ(::stat((folder_ / "new.json").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(SecretFilesTest, InputLosesTheLineFeedAtItsEnd) {
  EXPECT_EQ(read_input(write("a", "postgres://h\n")).value(), "postgres://h");
  EXPECT_EQ(read_input(write("b", "two\nlines\r\n")).value(), "two\nlines");
  EXPECT_EQ(error_of(read_input(folder_ / "none")), (folder_ / "none").string() + ": there is no such file");
}

}  // namespace
}  // namespace venturi::cli
