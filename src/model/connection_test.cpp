#include "model/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"

namespace venturi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Passwords that some form has to quote, encode or escape.
const std::vector<std::string> passwords = {"plain",
                                            "p;w",
                                            "p@ss",
                                            "100%",
                                            "%41%zz%",
                                            "a:b",
                                            "a/b",
                                            "a?b",
                                            "a#b",
                                            "it's",
                                            "say \"x\"",
                                            "'quoted'",
                                            "\"quoted\"",
                                            "''",
                                            "back\\slash",
                                            "end\\",
                                            "in the middle",
                                            " around ",
                                            "пароль",
                                            "=",
                                            "a=b",
                                            "a==b;c=d",
                                            "&x=1",
                                            "+plus",
                                            "{\"a\":1}",
                                            "tab\there",
                                            "line\nbreak",
                                            "Host=evil",
                                            "host=evil user=x",
                                            "://",
                                            "x://y@z:1/",
                                            "[::1]",
                                            "ünïcödé 😀",
                                            "***",
                                            "a,b"};

std::string npgsql_quoted(const std::string& s, char quote) {
  std::string out(1, quote);
  for (const char c : s) out += c == quote ? std::string(2, quote) : std::string(1, c);
  return out + quote;
}

std::string libpq_quoted(const std::string& s) {
  std::string out = "'";
  for (const char c : s) out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "'";
}

Connection base_connection(const std::string& password) {
  Connection c;
  c.conn_id = "test_db";
  c.conn_type = "postgres";
  c.host = "data_source_db";
  c.schema = "test_db";
  c.login = "postgres";
  c.password = password;
  c.port = 5432;
  return c;
}

std::string message(std::string_view text) {
  const auto connection = parse_connection("test_db", text);
  return connection ? "accepted" : connection.error().text();
}

TEST(ParseConnection, PasswordsSurviveEachForm) {
  for (const std::string& password : passwords) {
    SCOPED_TRACE(password);
    const Connection expected = base_connection(password);
    EXPECT_EQ(parse_connection("test_db", connection_uri(expected)), expected) << connection_uri(expected);
    EXPECT_EQ(parse_connection("test_db", to_json(connection_json(expected, true))), expected);
    for (const char quote : {'\'', '"'}) {
      EXPECT_EQ(parse_connection("test_db", "Host=data_source_db;Database=test_db;Port=5432;Username=postgres;Password=" +
                                                npgsql_quoted(password, quote)),
                expected);
      EXPECT_EQ(parse_connection("test_db", "PWD = " + npgsql_quoted(password, quote) +
                                                " ; SERVER=data_source_db;Db=test_db;PORT=5432;User Id=postgres;"),
                expected);
    }
    EXPECT_EQ(parse_connection("test_db",
                               "host=data_source_db dbname=test_db port=5432 user=postgres password=" + libpq_quoted(password)),
              expected);
    EXPECT_EQ(parse_connection("test_db", "password = " + libpq_quoted(password) +
                                              " host=data_source_db\tdbname='test_db' port=5432 user=postgres\n"),
              expected);
  }
}

TEST(ParseConnection, EveryFieldSurvivesTheUriAndJson) {
  for (const std::string& text : passwords) {
    SCOPED_TRACE(text);
    Connection c = base_connection(text);
    c.login = text;
    c.schema = text;
    c.host = text;
    for (const std::string& extra :
         {std::string(), to_json(Object{{"key", text}, {text, "value"}}), to_json(Object{{"n", 1}}), text}) {
      c.extra = extra.empty() ? std::nullopt : std::optional(extra);
      EXPECT_EQ(parse_connection("test_db", connection_uri(c)), c) << connection_uri(c);
      const auto again = parse_connection("test_db", to_json(connection_json(c, true)));
      EXPECT_EQ(again, c);
    }
    for (int leave_out = 0; leave_out < 32; ++leave_out) {
      Connection d = c;
      if (leave_out & 1) d.host.reset();
      if (leave_out & 2) d.schema.reset();
      if (leave_out & 4) d.login.reset();
      if (leave_out & 8) d.password.reset();
      if (leave_out & 16) d.port.reset();
      EXPECT_EQ(parse_connection("test_db", connection_uri(d)), d) << connection_uri(d);
      EXPECT_EQ(parse_connection("test_db", to_json(connection_json(d, true))), d);
    }
  }
}

TEST(ParseConnection, TheSameDatabaseInAllForms) {
  const Connection expected = base_connection("postgres");
  for (
      const char* text : {
          "Host=data_source_db;Database=test_db;Port=5432;Username=postgres;Password=postgres",
          "host=data_source_db;database=test_db;port=5432;user=postgres;password=postgres",
          "  Server = data_source_db ; Db = test_db; Port=5432; UID=postgres; pwd=postgres ;;\n",
          "Server=data_source_db;Database=\"test_db\";Port='5432';User Id=postgres;PSW=postgres",
          "postgres://postgres:postgres@data_source_db:5432/test_db",
          "postgresql://postgres:postgres@data_source_db:5432/test_db",
          "PostgreSQL://postgres:postgres@data_source_db:5432/test_db\n",
          "postgresql://postgres:postgres@data%5Fsource_db:5432/test_db?",
          "host=data_source_db dbname=test_db port=5432 user=postgres password=postgres",
          "host = data_source_db\n dbname = 'test_db'\n port = 5432\n user = post\\gres\n password = 'postgres'",
          R"({"conn_type": "postgres", "host": "data_source_db", "schema": "test_db", "port": 5432, "login": "postgres", "password": "postgres"})",
          R"({"conn_type": "postgresql", "host": "data_source_db", "schema": "test_db", "port": "5432", "login": "postgres", "password": "postgres", "extra": {}, "description": null, "conn_id": "test_db"})",
      }) {
    const auto connection = parse_connection("test_db", text);
    ASSERT_TRUE(connection) << text << "\n" << connection.error().text();
    EXPECT_EQ(*connection, expected) << text;
  }
}

TEST(ParseConnection, UnknownKeysBecomeExtra) {
  EXPECT_EQ(parse_connection("c", "Host=h;SSL Mode=VerifyFull;Timeout=5;Application Name=etl;Max Pool Size=9")->extra,
            R"({"sslmode":"verify-full","connect_timeout":"5","application_name":"etl","Max Pool Size":"9"})");
  EXPECT_EQ(parse_connection("c", "host=h sslmode=require connect_timeout=5")->extra,
            R"({"sslmode":"require","connect_timeout":"5"})");
  EXPECT_EQ(parse_connection("c", "postgres://h/d?sslmode=require&options=-c%20search_path%3Dx&flag")->extra,
            R"({"sslmode":"require","options":"-c search_path=x","flag":""})");
}

TEST(ParseConnection, UrisAsAirflowReadsThem) {
  const auto smtp = parse_connection("smtp_default", "smtp://user:pass@mail.local:587?disable_tls=true&from_email=a@b.c&x=a+b");
  ASSERT_TRUE(smtp) << smtp.error().text();
  EXPECT_EQ(smtp->conn_type, "smtp");
  EXPECT_EQ(smtp->host, "mail.local");
  EXPECT_EQ(smtp->port, 587);
  EXPECT_EQ(smtp->extra, R"({"disable_tls":"true","from_email":"a@b.c","x":"a b"})");
  EXPECT_EQ(parse_connection("smtp_default", "smtp://mail.local?from_email=a@b.c")->host, "mail.local");

  EXPECT_EQ(parse_connection("c", "google-cloud-platform://")->conn_type, "google_cloud_platform");
  EXPECT_EQ(parse_connection("c", "http://https://api.example.com:8443/v1")->host, "https://api.example.com");
  EXPECT_EQ(parse_connection("c", "http://https://api.example.com:8443/v1")->port, 8443);
  EXPECT_EQ(parse_connection("c", "postgres://%2Fvar%2Frun%2Fpostgresql/d")->host, "/var/run/postgresql");
  EXPECT_EQ(parse_connection("c", "postgres://[fe80::1]:5433/d")->host, "fe80::1");
  EXPECT_EQ(parse_connection("c", "postgres://[fe80::1]:5433/d")->port, 5433);
  EXPECT_EQ(parse_connection("c", "postgres://u:p@ss@h/d")->password, "p@ss");  // the last @ counts, as in urlsplit
  EXPECT_EQ(parse_connection("c", "postgres://u@h")->password, std::nullopt);
  EXPECT_EQ(parse_connection("c", "postgres://u:@h")->password, "");
  EXPECT_EQ(parse_connection("c", "postgres://@:5432")->port, 5432);
  EXPECT_EQ(parse_connection("c", "x://h/?__extra__=%7B%22a%22%3A+%5B1%5D%7D")->extra, R"({"a": [1]})");
}

TEST(ConnectionUri, IsAirflows) {
  Connection c = base_connection("p@ss/w rd");
  EXPECT_EQ(connection_uri(c), "postgres://postgres:p%40ss%2Fw%20rd@data_source_db:5432/test_db");
  c.extra = R"({"sslmode": "require"})";
  EXPECT_EQ(connection_uri(c), "postgres://postgres:p%40ss%2Fw%20rd@data_source_db:5432/test_db?sslmode=require");
  c.schema.reset();
  c.extra = R"({"a": [1]})";
  EXPECT_EQ(connection_uri(c), "postgres://postgres:p%40ss%2Fw%20rd@data_source_db:5432/?__extra__=%7B%22a%22%3A%20%5B1%5D%7D");
  c = Connection{};
  c.conn_type = "google_cloud_platform";
  EXPECT_EQ(connection_uri(c), "google-cloud-platform://");
  c.port = 1;
  EXPECT_EQ(connection_uri(c), "google-cloud-platform://@:1");
}

// What is refused, and what the message tells. "SECRET" stands in each where a password could be, and in no message.
TEST(ParseConnection, RefusesWithTheFormsListed) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "it is empty"},
      {" \n", "it is empty"},
      {"SECRET", "no URI"},
      {"jdbc:postgresql://h/d?password=SECRET", "no URI"},
      {"Host=h port=5432 password=SECRET", "not Npgsql (an unquoted value holds = or ;)"},
      {"host=h;port=5432 password=SECRET", "no libpq keywords (an unquoted value holds = or ;)"},
      {"host=h password=my SECRET", "no libpq keywords (a word without =)"},
      {"host=h database=d password=SECRET", "that is no keyword of libpq"},
      {"password='SECRET host=h", "a quote is not closed"},
      {"Host=h;Password='SECRET'x;Database=d", "something other than ; follows a quoted value"},
      {"Data Source=h;Initial Catalog=d;Password=SECRET", "a key of SQL Server"},
      {"Foo=1;Bar=SECRET", "no Host, Database, Port, Username or Password"},
      {"Host=h;Server=i;Password=SECRET", "a key is given twice"},
      {"Host=h;Port=99999;Password=SECRET", "the port is not a number from 1 to 65535"},
      {"host=h host=i password=SECRET", "a key is given twice"},
      // fits both
      {"password=SECRET;w host=h", "both as Npgsql"},
      {"password=SECRET;user=u", "both as Npgsql"},
      // URIs whose password is not encoded
      {"postgres://u:SEC/RET@h/d", "percent-encoded"},
      {"postgres://u:12/SECRET@h/d", "the @ stands behind a / or ?"},
      {"postgres://u:12?SECRET@h/d", "the @ stands behind a / or ?"},
      {"postgres://u:SECRET#x@h/d", "a URI may hold # only as %23"},
      {"postgres://u:SECRET@h:port/d", "the port is not a number from 1 to 65535"},
      {"postgres://u:SECRET@[::1/d", "is not closed"},
      {"postgres://u:SECRET@[::1]x/d", "something other than a port"},
      {"postgres://u:SECRET@h:1://x", "no protocol"},
      {"postgres://u:SECRET%ff@h/d", "not UTF-8"},
      {"postgres://u:SECRET%00@h/d", "zero byte"},
      {"Host=h;Password=SECRET\xff", "not UTF-8"},
      // JSON
      {R"({"conn_type": "postgres", "password": "SECRET)", "not valid JSON"},
      {R"({"password": "SECRET"})", "no conn_type"},
      {R"({"conn_type": "postgres", "password": ["SECRET"]})", "password is neither a string nor null"},
      {R"({"conn_type": "postgres", "SECRET": 1})", "a key that is none of"},
      {R"({"conn_type": "postgres", "port": "SECRET"})", "the port is not a number"},
      {R"({"conn_type": "a b", "password": "SECRET"})", "the conn_type has characters"},
      {R"({"conn_type": "postgres", "conn_id": "SECRET"})", "another conn_id"},
  };
  for (const auto& [text, expected] : cases) {
    const std::string told = message(text);
    EXPECT_THAT(told, HasSubstr(expected)) << text;
    EXPECT_THAT(told, HasSubstr("connection test_db: "));
    for (const char* form : {"postgres://user:password@host", "{\"conn_type\"", "Host=h;Database=d", "host=h dbname=d"}) {
      EXPECT_THAT(told, HasSubstr(form)) << text;
    }
    EXPECT_THAT(told, Not(HasSubstr("SEC"))) << text;
  }
}

TEST(ParseConnection, OneKeyThatBothKeywordFormsReadAlikeIsTaken) {
  EXPECT_EQ(parse_connection("c", "host=localhost")->host, "localhost");
  EXPECT_EQ(parse_connection("c", "user=u;password=p")->password, "p");        // no libpq value but a password may hold = or ;
  EXPECT_EQ(parse_connection("c", "password='p;w' host=h")->password, "p;w");  // behind a quote Npgsql wants ;
}

TEST(ConnectionJson, HidesSecrets) {
  Connection c = base_connection("hunter2");
  c.extra = R"({"sslmode": "require", "API_Key": "k1", "nested": {"my_token": ["t1", 7, null], "plain": 1}})";
  c.description = "orders";
  EXPECT_EQ(to_json(connection_json(c, false)),
            R"({"conn_id":"test_db","conn_type":"postgres","description":"orders","host":"data_source_db","login":"postgres",)"
            R"("password":"***","schema":"test_db","port":5432,)"
            R"("extra":{"sslmode":"require","API_Key":"***","nested":{"my_token":["***","***",null],"plain":1}}})");
  EXPECT_EQ(connection_json(c, true).at("password"), Value("hunter2"));
  EXPECT_EQ(connection_json(c, true).at("extra").at("API_Key"), Value("k1"));
  EXPECT_THAT(connection_secrets(c), ElementsAre("hunter2", "k1", "t1", "7"));

  c.extra = "no json: hunter3";
  c.password.reset();
  EXPECT_EQ(connection_json(c, false).at("extra"), Value("***"));
  EXPECT_TRUE(connection_json(c, false).at("password").is_null());
  EXPECT_THAT(connection_secrets(c), ElementsAre("no json: hunter3"));
}

TEST(ConnectionJson, SensitiveNames) {
  for (const char* name : {"password", "MY_PASSWORD_2", "apikey", "aws_secret_access_key", "keyfile_dict", "proxies"}) {
    EXPECT_TRUE(is_sensitive_name(name)) << name;
  }
  for (const char* name : {"", "key", "pass", "sslmode", "user"}) EXPECT_FALSE(is_sensitive_name(name)) << name;
}

TEST(ConnectionResult, HasAllKeys) {
  Connection c;
  c.conn_id = "x";
  c.conn_type = "http";
  EXPECT_EQ(to_json(connection_result(c)),
            R"({"type":"ConnectionResult","conn_id":"x","conn_type":"http","host":null,"schema":null,"login":null,)"
            R"("password":null,"port":null,"extra":null})");
  c = base_connection("p");
  c.extra = R"({"a": 1})";
  EXPECT_EQ(connection_result(c).at("port"), Value(5432));
  EXPECT_EQ(connection_result(c).at("extra"), Value(R"({"a": 1})"));  // the text, as Airflow has it
}

}  // namespace
}  // namespace venturi
