// `providers new`: what the folder of a provider begins with. CONTRIBUTING.md says what becomes of each file.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "cli/handlers.h"
#include "cli/output.h"

namespace venturi::cli {
namespace {

namespace fs = std::filesystem;

struct SkeletonFile {
  std::string_view path, text;
};

// @name@ is the folder's, @Name@ what names of classes begin with.
constexpr SkeletonFile skeleton[] = {
    {"src/providers/@name@/provider.cpp", R"(// @Name@: what there is of it. Nothing else has to know this folder.
#include "operators/registry.h"
#include "providers/@name@/@name@.h"

namespace venturi::providers {

void register_@name@(operators::Registry& registry) {
  using operators::ArgumentType;
  using operators::templated;
  registry.add(catalog::ProviderInfo{"@name@", "@Name@", "providers/@name@.md"});
  registry.add(operators::ConnectionType{
      .info = {.conn_type = "@name@",
               .label = "@Name@",
               .default_conn_id = "@name@_default",
               .fields = {{"host", "Host"},
                          {"port", "Port", "", ArgumentType::integer},
                          {"login", "Login"},
                          {"password", "Password", "", ArgumentType::string, true}}},
      .test = test_@name@_connection});
  registry.add(operators::OperatorEntry{.task_type = "@Name@Operator",
                                        .arguments = {templated({"conn_id", ArgumentType::string}),
                                                      templated({"greeting", ArgumentType::string, true})},
                                        .run = run_@name@});
}

}  // namespace venturi::providers
)"},
    {"src/providers/@name@/@name@.h", R"(// @Name@: its operators, over a connection of type @name@ (default @name@_default).
//
//   host, port, login, password
#pragma once

#include <boost/asio/awaitable.hpp>

#include "operators/registry.h"

namespace venturi::providers {

// Throws what is wrong with it.
[[nodiscard]] operators::ConnectionTest test_@name@_connection(const Connection& connection);

// @Name@Operator: the XCom is the greeting and whom it went to.
[[nodiscard]] boost::asio::awaitable<Value> run_@name@(operators::OperatorTry& t, operators::Arguments arguments);

}  // namespace venturi::providers
)"},
    {"src/providers/@name@/@name@.cpp", R"(#include "providers/@name@/@name@.h"

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"

namespace venturi::providers {
namespace {

std::string host_of(const Connection& connection) {
  if (connection.host.value_or("").empty())
    throw operators::TaskFailedForGood(fmt::format("the connection {} has no host: give it one", connection.conn_id));
  return *connection.host;
}

}  // namespace

operators::ConnectionTest test_@name@_connection(const Connection& connection) {
  (void)host_of(connection);
  return {true, std::string(operators::connection_is_good)};
}

// A coroutine in a process that thousands of tries share: what waits has to co_await.
boost::asio::awaitable<Value> run_@name@(operators::OperatorTry& t, operators::Arguments arguments) {
  const Connection connection = co_await t.host.connection(arguments.string("conn_id", "@name@_default"));
  const std::string text = fmt::format("{}, {}", arguments.string("greeting"), host_of(connection));
  t.log.info(text);
  co_return text;
}

}  // namespace venturi::providers
)"},
    {"src/providers/@name@/@name@_test.cpp", R"(// Against the real server, where there is one: tests/servers starts it.
#include <gmock/gmock.h>

#include "providers/testing/host_program.h"
#include "providers/testing/sdk_fields.h"
#include "venturi/@name@.h"

namespace venturi::providers::testing {
namespace {

using ::testing::HasSubstr;

TEST(@Name@, TheSdkSaysWhatTheHostRenders) {
  expect_fields_of_the_registry<@Name@Operator>();
}

class @Name@Test : public HostProgramTest {
 protected:
  void connect(const Value& host) {
    worker.connections["@name@_default"] =
        Object{{"type", "ConnectionResult"}, {"conn_id", "@name@_default"}, {"conn_type", "@name@"}, {"host", host},
               {"schema", nullptr},          {"login", nullptr},            {"password", nullptr},   {"port", nullptr},
               {"extra", nullptr}};
  }
};

TEST_F(@Name@Test, Greets) {
  connect("there");
  worker.start(1, {{"task_type", "@Name@Operator"}, {"greeting", "hello"}});
  EXPECT_EQ(worker.exit(1).get_string("kind"), "ok");
  EXPECT_EQ(worker.message(1, "SetXCom").at("value"), Value("hello, there"));
}

TEST_F(@Name@Test, SaysWhatTheConnectionLacks) {
  connect(nullptr);
  worker.start(1, {{"task_type", "@Name@Operator"}, {"greeting", "hello"}});
  worker.exit(1);
  EXPECT_THAT(worker.log(1), HasSubstr("the connection @name@_default has no host: give it one"));
}

}  // namespace
}  // namespace venturi::providers::testing
)"},
    {"include/venturi/@name@.h", R"(// @Name@: docs/providers/@name@.md.
//
//   #include <venturi/@name@.h>
//
//   dag.add(@Name@Operator{.task_id = "greet", .greeting = "hello"});
#pragma once

#include <string>

#include "venturi/built_in.h"

namespace venturi::inline sdk {

struct @Name@Operator {
  static constexpr std::string_view task_type = "@Name@Operator";
  std::string task_id{};
  Field<std::string> conn_id{};   // "@name@_default"
  Field<std::string> greeting{};  // required
  using Result = std::string;

  friend void fields_of(const @Name@Operator& op, detail::OperatorFields& fields) {
    fields.field("conn_id", op.conn_id).required("greeting", op.greeting).templates({"conn_id", "greeting"});
  }
};

}  // namespace venturi::inline sdk
)"},
    {"examples/cookbook/@name@.cpp", R"(// @Name@: a greeting.
#include <venturi/@name@.h>
#include <venturi/dag.h>
using namespace venturi;

VENTURI_DAG(@name@) {
  // [operators]
  dag.add(@Name@Operator{.task_id = "greet", .greeting = "hello"});
  // [end]
}
//
//   venturi dags test @name@
//   failed: greet
)"},
    {"docs/providers/@name@.md", R"(# @Name@

## Connection

A connection of type `@name@` (`@name@_default` where a task names none) has host, port, login and password. `venturi connections test`
says whether it can be used.

## Operators beside Airflow's

| Airflow | here | differences |
|---|---|---|

## Venturi's own

| operator | what it does |
|---|---|
| `@Name@Operator` | greets |

<!-- examples/cookbook/@name@.cpp operators -->

```cpp
```
)"}};

std::string with_names(std::string_view text, const std::string& name) {
  std::string words;  // amazon_s3: AmazonS3
  bool begins = true;
  for (const char c : name) {
    if (c != '_') words += begins && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    begins = c == '_';
  }
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto puts = [&](std::string_view mark, const std::string& value) {
      if (!text.substr(at).starts_with(mark)) return false;
      out += value;
      at += mark.size();
      return true;
    };
    if (!puts("@name@", name) && !puts("@Name@", words)) out += text[at++];
  }
  return out;
}

bool is_name(std::string_view name) {
  if (name.empty() || name.front() < 'a' || name.front() > 'z') return false;
  return std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace

Result<int> providers_new(const Arguments& arguments) {
  const std::string name = arguments.text("provider_name");
  if (!is_name(name)) {
    return fail(ErrorKind::invalid, fmt::format("'{}' cannot be the name of a provider's folder", name), "",
                "take lower-case letters, digits and _, a letter first: amazon_s3");
  }
  if (!fs::exists("src/providers/register_all.h")) {
    return fail(ErrorKind::not_found, "there is no src/providers here", "",
                "run it in the root of Venturi's sources, where CONTRIBUTING.md is");
  }
  std::vector<std::pair<std::string, std::string>> files;
  for (const SkeletonFile& file : skeleton) {
    files.emplace_back(with_names(file.path, name), with_names(file.text, name));
    if (fs::exists(files.back().first))
      return fail(ErrorKind::conflict, files.back().first + " is there already", "", "take another name; nothing was written");
  }
  for (const auto& [path, text] : files) {
    std::error_code error;
    fs::create_directories(fs::path(path).parent_path(), error);
    std::ofstream out(path, std::ios::binary);
    out << text;
    out.close();
    if (error || !out)
      return fail(ErrorKind::unavailable, "cannot write " + path, "", "what was written before it is left there");
    print(path + "\n");
  }
  print_note("build it: scripts/build release providers_tests venturi; then scripts/yaml-tables and scripts/excerpts");
  return exit_done;
}

}  // namespace venturi::cli
