// Against a real HTTP server: tests/servers/http_server.py.
#include <gmock/gmock.h>

#include <filesystem>

#include "base/crypto.h"
#include "base/json.h"
#include "base/sanitized.h"
#include "providers/testing/host_program.h"
#include "servers/http_server.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* password = "geheim-wort";

Value connection(int port, const Object& extra, const char* login) {
  return Object{{"type", "ConnectionResult"},
                {"conn_id", "http_default"},
                {"conn_type", "http"},
                {"host", "127.0.0.1"},
                {"schema", nullptr},
                {"login", login == nullptr ? Value() : Value(login)},
                {"password", login == nullptr ? Value() : Value(password)},
                {"port", port},
                {"extra", extra.empty() ? Value() : Value(to_json(Value(extra)))}};
}

class HttpTest : public HostProgramTest {
 protected:
  HttpTest() { connect(); }
  void connect(const Object& extra = {}, const char* login = nullptr) {
    worker.connections["http_default"] = connection(server.port(), extra, login);
  }
  // The error; empty where there is none.
  std::string run(const char* type, Object op) {
    Object whole{{"task_type", type}};
    for (const auto& [key, value] : op) whole.set(key, value);
    worker.start(++sequence, std::move(whole), {.should_retry = true});
    const Value exit = worker.exit(sequence);
    EXPECT_EQ(exit.get_string("kind"), "ok");
    return exit.get_string("error");
  }
  std::string call(Object op) { return run("HttpOperator", std::move(op)); }
  Value xcom() { return worker.message(sequence, "SetXCom").at("value"); }
  // The XCom, or the error.
  Value result(Object op) {
    const std::string error = call(std::move(op));
    return error.empty() ? xcom() : Value(error);
  }
  Value echo(Object op) {
    op.set("endpoint", "echo" + op.at("endpoint").as_string());
    return parse_json(result(std::move(op)).as_string()).value();
  }
  std::string log() { return worker.log(sequence); }
  [[nodiscard]] std::string base() const { return server.url(); }

  tests::TestFolder files;
  tests::HttpServer server{{.files = files.path()}};
  std::int64_t sequence = 0;
};

TEST_F(HttpTest, ACallAsAirflowMakesIt) {
  connect({{"X-Team", "data"}}, "ann");
  Value value = echo(
      {{"endpoint", "?x=1"}, {"data", Object{{"a", "1 2"}, {"b", Array{true, 3}}}}, {"headers", Object{{"x-team", "own"}}}});
  EXPECT_EQ(value.get_string("method"), "POST");
  EXPECT_EQ(value.get_string("target"), "/echo?x=1");
  EXPECT_EQ(value.get_string("body"), "a=1+2&b=True&b=3");
  EXPECT_EQ(value.at("headers").get_string("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(value.at("headers").get_string("x-team"), "own");
  EXPECT_THAT(value.at("headers").get_string("authorization"), StartsWith("Basic "));
  EXPECT_THAT(value.at("headers").get_string("user-agent"), StartsWith("venturi/"));
  EXPECT_THAT(worker.types(1), ElementsAre("GetConnection", "SetXCom", "SucceedTask"));
  EXPECT_THAT(log(), AllOf(HasSubstr("Calling HTTP method: POST " + base() + "/echo?x=***"), Not(HasSubstr(password))));

  value = echo({{"endpoint", "?x=1"}, {"method", "get"}, {"data", Object{{"a", "1 2"}}}});
  EXPECT_EQ(value.get_string("target"), "/echo?x=1&a=1+2");
  EXPECT_EQ(value.at("headers").get_string("x-team"), "data");
  EXPECT_EQ(echo({{"endpoint", ""}, {"method", "GET"}, {"data", "raw=1"}}).get_string("target"), "/echo?raw=1");
  value = echo({{"endpoint", ""}, {"method", "PUT"}, {"data", "{\"raw\": 1}"}});
  EXPECT_EQ(value.get_string("body"), "{\"raw\": 1}");
  EXPECT_EQ(value.at("headers").get("content-type"), nullptr);
  value = echo({{"endpoint", ""}, {"request_kwargs", Object{{"json", Object{{"a", 1}}}, {"params", Object{{"p", "q"}}}}}});
  EXPECT_EQ(value.get_string("body"), "{\"a\":1}");
  EXPECT_EQ(value.get_string("target"), "/echo?p=q");
  EXPECT_EQ(value.at("headers").get_string("content-type"), "application/json");
  EXPECT_EQ(result({{"endpoint", "charset"}, {"log_response", true}}), Value("grüß"));
  EXPECT_THAT(log(), HasSubstr("grüß"));
}

TEST_F(HttpTest, ErrorStatuses) {
  connect({{"Authorization", "Bearer to-ken-12"}}, nullptr);
  EXPECT_EQ(call({{"endpoint", "status/404?body=no+to-ken-12+here"}, {"method", "GET"}}),
            "404:Because (GET " + base() + "/status/404?body=***)");
  EXPECT_THAT(worker.types(1), ElementsAre("GetConnection", "RetryTask"));
  EXPECT_THAT(log(), AllOf(HasSubstr("HTTP error: 404:Because"), HasSubstr("no *** here"), Not(HasSubstr("to-ken-12"))));
  EXPECT_EQ(result({{"endpoint", "status/404"}, {"method", "GET"}, {"extra_options", Object{{"check_response", false}}}}),
            Value("status 404"));
  EXPECT_EQ(result({{"endpoint", "status/409"}, {"response_check", Object{{"status_codes", Array{200, 409}}}}}),
            Value("status 409"));
  EXPECT_THAT(call({{"endpoint", "redirect/3"}, {"method", "GET"}, {"extra_options", Object{{"max_redirects", 1}}}}),
              HasSubstr("more than 1 redirects, the last to " + base() + "/redirect/1"));
  EXPECT_THAT(call({{"endpoint", "hang"}, {"extra_options", Object{{"timeout", 0.1}}}}), HasSubstr("no answer within 0.1 s"));
  worker.connections.clear();
  EXPECT_THAT(call({{"endpoint", "x"}}), StartsWith("there is no connection http_default (add it: "));
}

TEST_F(HttpTest, RetriesWithinTheTry) {
  const Object quick{{"attempts", 3}, {"wait", 0.01}};
  EXPECT_EQ(result({{"endpoint", "flaky/a/2/503"}, {"retry_args", quick}}), Value("now"));
  EXPECT_THAT(log(), HasSubstr("503:Because (POST " + base() + "/flaky/a/2/503); trying again in 0.02 s (attempt 3 of 3)"));
  EXPECT_EQ(call({{"endpoint", "flaky/b/9/503"}, {"retry_args", quick}}), "503:Because (POST " + base() + "/flaky/b/9/503)");
  EXPECT_EQ(call({{"endpoint", "flaky/c/1/403"}, {"retry_args", quick}}), "403:Because (POST " + base() + "/flaky/c/1/403)");
  EXPECT_EQ(result({{"endpoint", "flaky/c/2/403"}, {"retry_args", Object{{"statuses", Array{403}}, {"wait", 0.01}}}}),
            Value("now"));
  EXPECT_THAT(call({{"endpoint", "drop"}, {"retry_args", quick}}),
              HasSubstr("the server closed the connection without an answer"));
  EXPECT_THAT(log(), HasSubstr("(attempt 3 of 3)"));
}

TEST_F(HttpTest, Checks) {
  const auto check = [&](Object how) {
    return call({{"endpoint", "next"}, {"method", "GET"}, {"response_check", std::move(how)}});
  };
  EXPECT_EQ(check({{"text_contains", "paging"}, {"json_pointer", "/items/1"}, {"equals", 2}, {"status_codes", Array{200}}}),
            "");
  EXPECT_EQ(check({{"json_pointer", "/items"}}), "");
  EXPECT_EQ(check({{"json_pointer", "/items/1"}, {"equals", 3}}), "Response check returned False: /items/1 is 2, not 3");
  EXPECT_EQ(check({{"json_pointer", "/none"}}), "Response check returned False: the answer has nothing at /none");
  EXPECT_EQ(check({{"text_contains", "x y"}}), "Response check returned False: the answer does not contain 'x y'");
  EXPECT_EQ(check({{"status_codes", Array{201, 202}}}), "Response check returned False: the status is 200, not 201 or 202");
  EXPECT_EQ(call({{"endpoint", "status/200"}, {"response_check", Object{{"json_pointer", "/a"}}}}),
            "POST " + base() + "/status/200: this is no JSON: line 1, column 1: syntax error");
  EXPECT_EQ(result({{"endpoint", "next"}, {"method", "GET"}, {"response_filter", "/paging/next"}}),
            Value("/next?cursor=2&of=3"));
  EXPECT_EQ(call({{"endpoint", "next"}, {"method", "GET"}, {"response_filter", "/x"}}),
            "GET " + base() + "/next: the answer has nothing at /x (response_filter)");
}

TEST_F(HttpTest, Pages) {
  const auto pages = [&](const char* endpoint, Object how, const char* filter = nullptr) {
    Object op{{"endpoint", endpoint}, {"method", "GET"}, {"pagination", std::move(how)}};
    if (filter != nullptr) op.set("response_filter", filter);
    return to_json(result(std::move(op)));
  };
  EXPECT_EQ(pages("next?cursor=1&of=3", {{"next_link", "/paging/next"}}, "/items"), "[1,2,3,4,5,6]");
  EXPECT_EQ(pages("link?of=3", {{"link_header", true}}, ""), "[1,2,3,4,5,6]");
  EXPECT_EQ(pages("page?of=3", {{"parameter", "page"}}, ""), "[1,2,3,4,5,6]");
  EXPECT_EQ(pages("page?of=5", {{"parameter", "page"}, {"start", 2}, {"step", 2}}, ""), "[3,4,7,8]");
  EXPECT_EQ(pages("page?of=2", {{"parameter", "page"}}), R"(["[1, 2]","[3, 4]"])");
  // A POST's body stays what it is; a form has the page in it.
  EXPECT_EQ(to_json(result({{"endpoint", "page?of=2"},
                            {"data", "raw"},
                            {"pagination", Object{{"parameter", "page"}}},
                            {"response_filter", ""}})),
            "[1,2,3,4]");
  EXPECT_EQ(server.requests().back().get_string("target"), "/page?of=2&page=3");
  EXPECT_EQ(server.requests().back().get_string("body"), "raw");
  EXPECT_THAT(call({{"endpoint", "echo"},
                    {"data", Object{{"a", 1}}},
                    {"pagination", Object{{"parameter", "page"}, {"max_pages", 2}, {"items", "/headers"}}}}),
              StartsWith("there are more than 2 pages"));
  EXPECT_EQ(server.requests().back().get_string("body"), "a=1&page=2");
  EXPECT_EQ(pages("page?of=0", {{"parameter", "page"}}, ""), "[]");
  EXPECT_EQ(pages("page?of=200", {{"parameter", "page"}, {"max_pages", 7}}),
            "\"there are more than 7 pages: raise max_pages in pagination, or ask for less\"");
  EXPECT_EQ(pages("page?of=3", {{"next_link", "/none"}}, ""), "[1,2]");
}

TEST_F(HttpTest, TheHostHoldsSoMuchInMemory) {
  EXPECT_THAT(call({{"endpoint", "zeros/5000000000"}, {"method", "GET"}}),
              AllOf(HasSubstr("the answer to GET " + base() + "/zeros/5000000000 is too large"), HasSubstr("64 MiB")));
  EXPECT_THAT(worker.types(sequence), ElementsAre("GetConnection", "TaskState"));
}

TEST_F(HttpTest, ACallCanBeCancelled) {
  worker.start(++sequence, {{"task_type", "HttpOperator"}, {"endpoint", "hang"}});
  worker.message(sequence, "GetConnection");
  EXPECT_TRUE(tests::becomes_true([&] { return !server.requests().empty(); }));
  worker.cancel(sequence);
  EXPECT_EQ(worker.exit(sequence).get_string("kind"), "killed");
}

TEST_F(HttpTest, AThousandLongPollsInOneHost) {
  for (int i = 0; i < 1000; ++i)
    worker.start(++sequence, {{"task_type", "HttpOperator"}, {"endpoint", "poll/bell"}, {"method", "GET"}});
  worker.start(++sequence, {{"task_type", "HttpSensor"},
                            {"endpoint", "waiting/bell"},
                            {"poke_interval", 0.05},
                            {"response_check", Object{{"text_contains", "1000"}}}});
  EXPECT_EQ(worker.exit(sequence).get_string("error"), "");
  EXPECT_EQ(call({{"endpoint", "release/bell"}}), "");
  for (int i = 1; i <= 1000; ++i) EXPECT_EQ(worker.exit(i).get_string("error"), "");
}

TEST_F(HttpTest, Sensor) {
  const Object quick{{"poke_interval", 0.01}, {"timeout", 5}};
  const auto sense = [&](Object op) {
    for (const auto& [key, value] : quick) op.set(key, value);
    return run("HttpSensor", std::move(op));
  };
  EXPECT_EQ(sense({{"endpoint", "flaky/s/3/404"}, {"request_params", Object{{"a", 1}}}}), "");
  EXPECT_EQ(server.requests().size(), 4U);
  EXPECT_EQ(server.requests()[0].get_string("target"), "/flaky/s/3/404?a=1");
  EXPECT_THAT(log(),
              AllOf(HasSubstr("Poking: flaky/s/3/404"), HasSubstr("not yet: 404:Because"), HasSubstr("Success criteria met")));
  EXPECT_EQ(sense({{"endpoint", "status/503"}}), "503:Because (GET " + base() + "/status/503)");
  EXPECT_EQ(sense({{"endpoint", "flaky/t/2/503"}, {"response_error_codes_allowlist", Array{"404", "503"}}}), "");
  EXPECT_EQ(sense({{"endpoint", "status/404"}, {"response_error_codes_allowlist", Array{}}}),
            "404:Because (GET " + base() + "/status/404)");
  EXPECT_EQ(sense({{"endpoint", "flaky/u/2/202"}, {"response_check", Object{{"text_contains", "now"}}}}), "");
  EXPECT_THAT(log(), HasSubstr("not yet: the answer does not contain 'now'"));
  EXPECT_EQ(sense({{"endpoint", "flaky/v/2/500"},
                   {"extra_options", Object{{"check_response", false}}},
                   {"response_check", Object{{"status_codes", Array{200}}}}}),
            "");
  EXPECT_THAT(worker.types(sequence), Not(::testing::Contains("SetXCom")));
}

TEST_F(HttpTest, WhatIsWrongWithTheArguments) {
  EXPECT_EQ(call({{"data", 5}}), "the argument data must be an object or a string, not integer");
  EXPECT_EQ(call({{"headers", Object{{"A", Array{}}}}}), "headers: the value of A must be a string, not array");
  EXPECT_EQ(call({{"request_kwargs", Object{{"files", "x"}}}}),
            "request_kwargs: files is not there; there are json and params (an object)");
  EXPECT_EQ(call({{"retry_args", Object{{"attempts", 0}}}}), "retry_args: attempts must be a number from 1 to 1000");
  EXPECT_EQ(call({{"retry_args", Object{{"stop", 1}}}}),
            "retry_args: there is no stop; there are attempts, statuses, wait and max_wait");
  EXPECT_EQ(call({{"retry_args", Object{{"statuses", "503"}}}}), "retry_args: statuses must be a list of status codes");
  EXPECT_EQ(call({{"retry_args", Object{{"wait", "1"}}}}), "retry_args: wait must be a number of seconds");
  EXPECT_EQ(call({{"pagination", Object{}}}), "pagination needs one of next_link, link_header and parameter");
  EXPECT_EQ(call({{"pagination", Object{{"next_link", "paging.next"}}}}),
            "pagination: next_link must be a JSON pointer like /paging/next");
  EXPECT_EQ(call({{"pagination", Object{{"parameter", "p"}, {"step", 0}}}}), "pagination: step must be a number from 1 on");
  EXPECT_EQ(call({{"pagination", Object{{"parameter", ""}}}}), "pagination: parameter must be the name of a parameter");
  EXPECT_EQ(call({{"pagination", Object{{"link_header", 1}}}}), "pagination: link_header must be true or false");
  EXPECT_THAT(call({{"pagination", Object{{"pages", 1}}}}), StartsWith("pagination: there is no pages; there are next_link, "));
  EXPECT_EQ(call({{"response_check", Object{{"equals", 1}}}}), "response_check: equals needs a json_pointer");
  EXPECT_EQ(call({{"response_check", Object{{"status_codes", 200}}}}),
            "response_check: status_codes must be a list of numbers");
  EXPECT_EQ(call({{"response_check", Object{{"json_pointer", "a"}}}}),
            "response_check: json_pointer must be a text like /state or /items/0/id");
  EXPECT_EQ(call({{"response_check", Object{{"text_contains", 1}}}}), "response_check: text_contains must be a string");
  EXPECT_EQ(call({{"response_check", Object{{"code", 200}}}}),
            "response_check: there is no code; there are status_codes, json_pointer, equals and text_contains");
  EXPECT_EQ(call({{"response_filter", "items"}}), "the argument response_filter must be a JSON pointer like /items/0/id");
  EXPECT_EQ(call({{"pagination_function", "f"}}),
            "the argument pagination_function is a piece of Python: say it as pagination");
  EXPECT_EQ(call({{"auth_type", "f"}}),
            "the argument auth_type is a piece of Python: give login and password, or an Authorization header "
            "in the connection's extra");
}

// ---- HttpToFileOperator -----------------------------------------------------------------------------------------------------

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

class HttpToFileTest : public HttpTest {
 protected:
  HttpToFileTest() {
    for (int i = 0; i < 300'000; ++i) content += std::to_string(i) + "\n";
    files.write("big", content);
  }
  std::string download(Object op) {
    if (op.find("path") == nullptr && op.find("file_name") == nullptr) op.set("path", target);
    op.set("retry_args", Object{{"attempts", 3}, {"wait", 0.01}});
    return run("HttpToFileOperator", std::move(op));
  }

  std::string content;
  tests::TestFolder here;
  const std::string target = here / "deep/down/file";
};

TEST_F(HttpToFileTest, AFileIsThereAsAWhole) {
  EXPECT_EQ(download({{"endpoint", "file/big"}, {"sha256", sha256_hex(content)}}), "");
  EXPECT_EQ(xcom(), Value(target));
  EXPECT_TRUE(tests::read_file(target) == content);
  EXPECT_THAT(names_in(here / "deep/down"), ElementsAre("file"));
  EXPECT_THAT(log(), HasSubstr(std::to_string(content.size()) + " bytes, SHA-256 " + sha256_hex(content)));
  EXPECT_EQ(download({{"endpoint", "file/big"}, {"file_name", "data.txt"}}), "");
  EXPECT_EQ(xcom(), Value(worker.folder / "data.txt"));
  // What is compressed stays so.
  EXPECT_EQ(download({{"endpoint", "gzip/100000"}}), "");
  EXPECT_LT(tests::read_file(target).size(), 1000U);
}

TEST_F(HttpToFileTest, ALargeFileTakesNoMoreMemoryThanASmallOne) {
  const auto peak_kib = [this] {
    const std::string status = tests::read_file("/proc/" + std::to_string(pid) + "/status");
    return std::stol(status.substr(status.find("VmHWM:") + 6));
  };
  EXPECT_EQ(download({{"endpoint", "file/big"}}), "");
  const long before = peak_kib();
  EXPECT_EQ(download({{"endpoint", "zeros/150000000"}}), "");
  EXPECT_EQ(std::filesystem::file_size(target), 150'000'000U);
  if (!sanitized) EXPECT_LT(peak_kib() - before, 20'000);
}

TEST_F(HttpToFileTest, ABrokenDownloadGoesOn) {
  EXPECT_EQ(download({{"endpoint", "file/big?breaks=4"}}), "");
  EXPECT_TRUE(tests::read_file(target) == content);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 5U);
  EXPECT_THAT(requests[4].at("headers").get_string("range"), StartsWith("bytes=1"));
  EXPECT_EQ(requests[4].at("headers").get_string("if-range"), "\"one\"");
  EXPECT_THAT(log(), HasSubstr("the connection broke before the answer was complete; trying again from byte "));
  // A server that does not take ranges after all.
  EXPECT_EQ(download({{"endpoint", "file/big?breaks=2&noranges=1"}}), "");
  EXPECT_TRUE(tests::read_file(target) == content);
  // One that never said so.
  EXPECT_EQ(download({{"endpoint", "short"}, {"path", here / "none"}}),
            "GET " + base() + "/short: the connection broke before the answer was complete");
  EXPECT_THAT(names_in(here.path()), ElementsAre("deep"));
}

TEST_F(HttpToFileTest, WhatIsNotRightIsNotThere) {
  EXPECT_THAT(download({{"endpoint", "file/big"}, {"sha256", std::string(64, '0')}}),
              AllOf(StartsWith("GET " + base() + "/file/big: the file's SHA-256 is "), HasSubstr(", not 0000000000")));
  EXPECT_EQ(download({{"endpoint", "zeros/5000000000"}, {"max_bytes", 3'000'000}}),
            "GET " + base() + "/zeros/5000000000: the file has more than the 3000000 bytes of max_bytes");
  EXPECT_EQ(download({{"endpoint", "status/404"}}), "404:Because (GET " + base() + "/status/404)");
  EXPECT_EQ(download({{"endpoint", "status/503"}}), "503:Because (GET " + base() + "/status/503)");
  EXPECT_THAT(names_in(here / "deep/down"), IsEmpty());
  EXPECT_THAT(download({{"endpoint", "file/big"}, {"path", "/proc/no/file"}}), StartsWith("the file cannot be written: "));
  // Cancelled: no trace of it.
  worker.start(++sequence, {{"task_type", "HttpToFileOperator"}, {"endpoint", "zeros/50000000000"}, {"path", target}});
  worker.message(sequence, "GetConnection");
  EXPECT_TRUE(tests::becomes_true([&] { return !names_in(here / "deep/down").empty(); }));
  worker.cancel(sequence);
  EXPECT_EQ(worker.exit(sequence).get_string("kind"), "killed");
  EXPECT_TRUE(tests::becomes_true([&] { return names_in(here / "deep/down").empty(); }));
}

TEST_F(HttpToFileTest, WhatIsWrongWithTheArguments) {
  EXPECT_EQ(download({{"path", "x"}}), "the argument path must be absolute: it lies on the worker's machine");
  EXPECT_EQ(download({{"path", "/x"}, {"file_name", "y"}}), "give either path or file_name, not both");
  EXPECT_EQ(download({{"file_name", "../x"}}),
            "the argument file_name must be the name of a file, without folders; path takes another place");
  EXPECT_EQ(download({{"sha256", "12"}}), "the argument sha256 must be 64 hexadecimal digits");
  EXPECT_EQ(download({{"max_bytes", 0}}), "the argument max_bytes must be a number from 1 on");
}

}  // namespace
}  // namespace venturi::providers::testing
