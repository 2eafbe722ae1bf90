// Operators of the program's own: how they are described, and what they find in their fields.
#include "venturi/own_operator.h"

#include "venturi/own_notifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>

#include "sdk/serialize.h"
#include "sdk/testing/try_of.h"

namespace venturi {
namespace {

using internal::Answer;
using internal::Try;
using internal::try_of;
using testing::ElementsAre;
using testing::HasSubstr;

struct Window {
  std::int64_t from = 0, to = 0;
};
VENTURI_STRUCT(Window, from, to);

struct Archive {
  std::string folder = "/archive";
  Field<std::string> table;
  Field<std::int64_t> days = 30;
  Field<double> share = 1;
  Field<std::map<std::string, std::string>> labels{{"team", "orders"}, {"unit", "EUR"}};
  Field<std::vector<std::string>> columns{};
  Field<std::optional<std::string>> note{};
  Field<Window> window = Window{.from = 1, .to = 2};
  bool dry_run = false;

  std::string execute(const Context& context) {
    rounds += 1;
    context.log().info("archiving ", *table, " to ", folder, " after ", *days, " days, ", columns->size(), " columns, note ",
                       note->value_or("none"), ", ", labels->at("unit"), ", ", window->to, ", round ", rounds);
    if (dry_run) skip_task("a dry run");
    return folder + "/" + *table;
  }
  int rounds = 0;  // not a field
};
VENTURI_STRUCT(Archive, folder, table, days, share, labels, columns, note, window, dry_run);
VENTURI_TEMPLATE_FIELDS(Archive, folder, table, labels, columns);

struct Ping {
  std::string task_id;
  void execute(const Context& context) const { context.log().info("ping"); }
};
VENTURI_STRUCT(Ping, task_id);

struct Nothing {
  void execute(const Context&) const {}
};

struct Taken {
  std::string pool, _private, timeout, has_on_fire;
  void execute(const Context&) const {}
};
VENTURI_STRUCT(Taken, pool, _private, timeout, has_on_fire);

std::string table() {
  return "orders";
}
std::int64_t number() {
  return 7;
}
std::optional<std::string> maybe() {
  return {};
}

class OwnOperatorTest : public testing::Test {
 protected:
  OwnOperatorTest() {
    Dag dag = bag_.add("d");
    auto t = dag.task<table>();
    auto n = dag.task<number>();
    dag.add("archive", Archive{.folder = "/archive/b", .table = t, .days = n, .columns = {"id", t}, .note = dag.task<maybe>()},
            {.retries = 2, .pool = "db"});
    dag.add("dry", Archive{.table = "orders", .dry_run = true});
    dag.add(Ping{.task_id = "pinged"});
    dag.add(Nothing{});
  }
  Value described(std::string_view task_id) const {
    return internal::serialize_task(*bag_.state().find("d")->find(task_id)).at("__var");
  }
  DagBag bag_;
};

Answer xcoms(const Value& request) {
  if (request.get_string("type") != "GetXCom") return {};
  const std::string from = request.get_string("task_id");
  return {Object{{"type", "XComResult"},
                 {"key", request.at("key")},
                 {"value", from == "table"    ? Value("orders")
                           : from == "number" ? Value(7)
                                              : Value()}},
          {}};
}

TEST_F(OwnOperatorTest, IsDescribedWithItsFields) {
  EXPECT_THAT(bag_.state().find("d")->mistakes, ElementsAre());
  const Value v = described("archive");
  EXPECT_EQ(v.get_string("task_type"), "Archive");
  EXPECT_EQ(v.get_string("_task_module"), "venturi.program");
  EXPECT_EQ(to_json(v.at("template_fields")), R"(["folder","table","labels","columns"])");
  EXPECT_EQ(v.at("folder"), Value("/archive/b"));
  EXPECT_EQ(to_json(v.at("table")), R"({"__type":"xcomref","__var":{"task_id":"table","key":"return_value"}})");
  EXPECT_EQ(to_json(v.at("columns")), R"(["id",{"__type":"xcomref","__var":{"task_id":"table","key":"return_value"}}])");
  EXPECT_EQ(to_json(v.at("labels")), R"({"__type":"dict","__var":{"team":"orders","unit":"EUR"}})");
  EXPECT_EQ(to_json(v.at("window")), R"({"__type":"dict","__var":{"from":1,"to":2}})");
  EXPECT_EQ(v.at("dry_run"), Value(false));
  EXPECT_EQ(v.at("retries"), Value(2));
  EXPECT_EQ(to_json(described("number").at("downstream_task_ids")), R"(["archive"])");
  EXPECT_EQ(described("pinged").get("task_id")->as_string(), "pinged");
  EXPECT_EQ(described("Nothing").get_string("task_type"), "Nothing");
}

TEST_F(OwnOperatorTest, FindsConstantsAndOutputsInItsFields) {
  const Try t = try_of(bag_, "d", "archive", {}, xcoms);
  EXPECT_EQ(t.exit_code, 0);
  EXPECT_THAT(t.types(), ElementsAre("GetXCom", "GetXCom", "GetXCom", "SetRenderedFields", "SetXCom", "SucceedTask"));
  EXPECT_THAT(t.events(), ElementsAre("archiving orders to /archive/b after 7 days, 2 columns, note none, EUR, 2, round 1"));
  EXPECT_EQ(t.xcom("return_value"), Value("/archive/b/orders"));
  EXPECT_EQ(to_json(t.request("SetRenderedFields").at("rendered_fields")),
            R"({"folder":"/archive/b","table":"orders","labels":{"team":"orders","unit":"EUR"},"columns":["id","orders"]})");
  // Each try begins with what the file says.
  EXPECT_THAT(try_of(bag_, "d", "archive", {}, xcoms).events().front(), HasSubstr("round 1"));
  EXPECT_THAT(try_of(bag_, "d", "dry").types(), ElementsAre("SetRenderedFields", "TaskState"));
  EXPECT_THAT(try_of(bag_, "d", "pinged").events(), ElementsAre("ping"));
}

TEST_F(OwnOperatorTest, AnOutputThatIsMissingOrOfAnotherTypeNamesTheField) {
  const auto giving = [](Value n) {
    return [n](const Value& request) -> Answer {
      if (request.get_string("type") != "GetXCom") return {};
      const bool is_number = request.get_string("task_id") == "number";
      return {Object{{"type", "XComResult"}, {"key", request.at("key")}, {"value", is_number ? n : Value("x")}}, {}};
    };
  };
  Try t = try_of(bag_, "d", "archive", {}, giving(Value()));
  EXPECT_EQ(
      t.request("TaskState").get_string("error"),
      "field days: there is no result of number, since that task was skipped or returned nothing; to go on without it make "
      "the field a Field<std::optional<...>>");
  t = try_of(bag_, "d", "archive", {}, giving(Value("seven")));
  EXPECT_EQ(t.request("TaskState").get_string("error"), "field days: expected int64, found string");
}

// The worker's host renders; here it is played.
Answer rendering(const Value& request) {
  if (request.get_string("type") == "GetConnection") {
    return {Object{{"type", "ConnectionResult"}, {"conn_id", "db"}, {"password", "hush-hush"}, {"extra", nullptr}}, {}};
  }
  if (request.get_string("type") != "HostCall") return {};
  const Value& arguments = request.at("arguments");
  const Value& value = arguments.at("value");
  if (value == Value("{{ nothing }}")) {
    return {{},
            Object{{"type", "ErrorResponse"},
                   {"error", "HOST_CALL_FAILED"},
                   {"detail", Object{{"message", "UndefinedError: 'nothing' is undefined"}}}}};
  }
  if (value == Value("{{ 1 + }}")) {
    return {{},
            Object{{"type", "ErrorResponse"},
                   {"error", "HOST_CALL_FAILED"},
                   {"detail", Object{{"message", "TemplateSyntaxError: unexpected '}'"}}}}};
  }
  if (value.is_array()) return {Object{{"value", Array{"id", "day_2026"}}}, {}};
  return {Object{{"value", arguments.get_string("name") + " of 2026"}}, {}};
}

struct Rendering {
  std::string text{}, other{};
  std::vector<std::string> list{};
  Field<std::string> of_field{};
  void execute(const Context& context) const {
    context.log().info(text, ", ", other, ", ", list.size() > 1 ? list[1] : "", ", ", *of_field);
  }
};
VENTURI_STRUCT(Rendering, text, other, list, of_field);
VENTURI_TEMPLATE_FIELDS(Rendering, text, list, of_field);

TEST(OwnOperatorTemplates, AreRenderedByTheWorker) {
  DagBag bag;
  Dag dag = bag.add("d");
  dag.add("r", Rendering{.text = "{{ ds }}", .other = "{{ ds }}", .list = {"id", "day_{{ ds }}"}, .of_field = "{% if 1 %}"});
  const Try t = try_of(bag, "d", "r", {}, rendering);
  EXPECT_THAT(t.events(), ElementsAre("text of 2026, {{ ds }}, day_2026, of_field of 2026"));
  EXPECT_EQ(to_json(t.request("SetRenderedFields").at("rendered_fields")),
            R"({"text":"text of 2026","list":["id","day_2026"],"of_field":"of_field of 2026"})");
  const Value call = t.request("HostCall");
  EXPECT_EQ(call.get_string("hook"), "render");
  EXPECT_EQ(call.at("arguments").at("operator").get_string("task_type"), "Rendering");
}

TEST(OwnOperatorTemplates, FailWithFieldTextAndReason) {
  DagBag bag;
  Dag dag = bag.add("d");
  dag.add("undefined", Rendering{.text = "{{ nothing }}"});
  dag.add("syntax", Rendering{.of_field = "{{ 1 + }}"});
  Try t = try_of(bag, "d", "undefined", {.should_retry = true}, rendering);
  EXPECT_EQ(t.request("RetryTask").get_string("retry_reason"),
            R"(field text, "{{ nothing }}": UndefinedError: 'nothing' is undefined)");
  t = try_of(bag, "d", "syntax", {.should_retry = true}, rendering);
  EXPECT_EQ(t.request("TaskState").get_string("error"), R"(field of_field, "{{ 1 + }}": TemplateSyntaxError: unexpected '}')");
  t = try_of(bag, "d", "undefined", {.of_venturi = false});
  EXPECT_EQ(
      t.log.back().get_string("event"),
      "field text, \"{{ nothing }}\": rendering a template needs a worker of Venturi, whose operator host has the drivers; "
      "this task runs under another supervisor (a stock Airflow, or an older Venturi)");
}

struct RunSql {
  static constexpr std::string_view template_ext[] = {".sql", ".hql"};
  std::string sql, note = "as.sql";
  std::vector<std::string> more{};
  void execute(const Context& context) const { context.log().info(sql, ", ", note, ", ", more.size()); }
};
VENTURI_STRUCT(RunSql, sql, note, more);
VENTURI_TEMPLATE_FIELDS(RunSql, sql, more);

struct NoteWithFile {
  static constexpr std::string_view template_ext[] = {".md"};
  std::string text;
  void notify(const CallbackContext& context) const { context.log().warning(text); }
};
VENTURI_STRUCT(NoteWithFile, text);
VENTURI_TEMPLATE_FIELDS(NoteWithFile, text);

TEST(OwnOperatorTemplates, ATextWithAnExtensionIsAFileThatTheWorkerReads) {
  DagBag bag;
  Dag dag = bag.add("d");
  dag.add("r", RunSql{.sql = "load.sql", .more = {"SELECT 1", "also.hql"}});
  dag.add("plain", RunSql{.sql = "SELECT 1 "});
  dag.task("fails", [] { throw std::runtime_error("full"); }, {.on_failure_callback = NoteWithFile{.text = "note.md"}});
  const Value v = internal::serialize_task(*bag.state().find("d")->find("r")).at("__var");
  EXPECT_EQ(to_json(v.at("template_ext")), R"([".sql",".hql"])");
  Try t = try_of(bag, "d", "r", {}, rendering);
  EXPECT_THAT(t.events(), ElementsAre("sql of 2026, as.sql, 2"));
  EXPECT_THAT(t.types(), ElementsAre("HostCall", "HostCall", "SetRenderedFields", "SucceedTask"));
  EXPECT_EQ(to_json(t.request("HostCall").at("arguments").at("template_ext")), R"([".sql",".hql"])");
  t = try_of(bag, "d", "plain", {}, rendering);
  EXPECT_THAT(t.types(), ElementsAre("SetRenderedFields", "SucceedTask")) << "nothing to ask for";
  t = try_of(bag, "d", "fails", {}, rendering);
  EXPECT_THAT(t.events().back(), "text of 2026");
  EXPECT_EQ(to_json(t.request("HostCall").at("arguments").at("template_ext")), R"([".md"])");
  t = try_of(bag, "d", "r", {.of_venturi = false});
  EXPECT_THAT(t.log.back().get_string("event"), HasSubstr("needs a worker of Venturi"));
}

// ---- notifiers -------------------------------------------------------------------------------------------------------------

struct PageOnCall {
  std::string team = "data", text = "{{ ti.task_id }} failed: {{ exception }}";
  void notify(const CallbackContext& context) const {
    context.log().warning("paging ", team, ": ", text, " (", context.event(), " ", context.error(), ")");
  }
};
VENTURI_STRUCT(PageOnCall, team, text);
VENTURI_TEMPLATE_FIELDS(PageOnCall, text);

struct Loud {
  void notify(const CallbackContext&) { throw std::runtime_error("no voice"); }
};

TEST(OwnNotifier, IsRenderedWhereCallbacksRun) {
  DagBag bag;
  Dag dag = bag.add("d");
  const auto fails = [] { throw std::runtime_error("the disk is full"); };
  dag.task("t", fails, {.on_failure_callback = {Loud{}, PageOnCall{.team = "orders"}, email_to("ops@example.com")}});
  dag.task("bad", fails, {.on_failure_callback = PageOnCall{.text = "{{ nothing }}"}});
  const Try t = try_of(bag, "d", "t", {}, rendering);
  EXPECT_THAT(t.events(), ElementsAre("the disk is full", "the on_failure_callback failed: no voice",
                                      "paging orders: text of 2026 (failure the disk is full)"));
  EXPECT_THAT(t.types(), ElementsAre("TaskState", "HostCall"));
  EXPECT_EQ(t.request("HostCall").at("arguments").at("details").get_string("exception"), "the disk is full");
  EXPECT_THAT(try_of(bag, "d", "bad", {}, rendering).events().back(),
              R"(the on_failure_callback failed: field text, "{{ nothing }}": UndefinedError: 'nothing' is undefined)");
  const Value v = internal::serialize_task(*bag.state().find("d")->find("t")).at("__var");
  EXPECT_EQ(v.at("has_on_failure_callback"), Value(true));
  EXPECT_EQ(v.at("notifiers").at("on_failure_callback").as_array().size(), 1U);
}

TEST(OwnOperatorMistakes, NamesThatEveryTaskHas) {
  DagBag bag;
  bag.add("d").add("taken", Taken{});
  const auto why = [](const std::string& name) {
    return "task taken: Taken::" + name +
           " has a name that every task has for something of its own: give the field another one";
  };
  EXPECT_THAT(bag.state().find("d")->mistakes, ElementsAre(why("pool"), why("_private"), why("has_on_fire")));
}

// Its own unit test may call execute() without any run.
TEST(OwnOperator, ConstantsAreThereWithoutARun) {
  const Archive archive{.table = "orders", .days = 3};
  EXPECT_EQ(*archive.table, "orders");
  EXPECT_EQ(*archive.days, 3);
  EXPECT_EQ(archive.window->to, 2);
  EXPECT_EQ(archive.labels->size(), 2U);
  EXPECT_FALSE(archive.columns.is_given());
  EXPECT_TRUE(archive.columns->empty());
  DagBag bag;
  const Archive of_output{.table = bag.add("d").task<table>()};
  try {
    (void)*of_output.table;
    FAIL();
  } catch (const std::logic_error& e) {
    EXPECT_STREQ(e.what(), "the field of an operator is the output of a task: it has a value only while the operator runs");
  }
}

// ---- on_kill() -------------------------------------------------------------------------------------------------------------

struct RemoteJob {
  int ready = -1, told = -1;
  std::int64_t job = 0;
  void execute(const Context&) {
    job = 17;
    (void)!::write(ready, "x", 1);
    for (;;) ::pause();
  }
  void on_kill() const {
    const std::string text = "cancelled " + std::to_string(job);
    (void)!::write(told, text.data(), text.size());
  }
};
VENTURI_STRUCT(RemoteJob, ready, told);

struct QuickJob {
  void execute(const Context& context) const { context.log().info("done"); }
  void on_kill() const { std::abort(); }
};

struct DeferredJob {
  std::string name;
  std::string execute(const Context& context) const { context.defer(TimeDeltaTrigger(std::chrono::hours(1))); }
  std::string execute_complete(const Context&, const Value& event) const { return name + " " + event.as_string(); }
};
VENTURI_STRUCT(DeferredJob, name);

TEST(OwnOperator, GoesOnInExecuteComplete) {
  DagBag bag;
  bag.add("d").add("job", DeferredJob{.name = "export"});
  EXPECT_EQ(try_of(bag, "d", "job").request("DeferTask").get_string("next_method"), "execute_complete");
  EXPECT_EQ(
      try_of(bag, "d", "job", {.next_method = "execute_complete", .next_kwargs = {{"event", "ready"}}}).xcom("return_value"),
      Value("export ready"));
}

TEST(OwnOperatorKill, IsToldBeforeItsProcessEnds) {
  for (const int signal : {SIGTERM, SIGALRM}) {
    int ready[2], told[2];
    ASSERT_EQ(::pipe(ready), 0);
    ASSERT_EQ(::pipe(told), 0);
    const pid_t pid = ::fork();
    if (pid == 0) {
      DagBag bag;
      bag.add("d").add("job", RemoteJob{.ready = ready[1], .told = told[1]});
      (void)try_of(bag, "d", "job");
      ::_exit(0);
    }
    ::close(told[1]);
    char buffer[64];
    ASSERT_EQ(::read(ready[0], buffer, 1), 1);
    ASSERT_EQ(::kill(pid, signal), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), signal);
    const ssize_t n = ::read(told[0], buffer, sizeof buffer);
    EXPECT_EQ(std::string_view(buffer, static_cast<std::size_t>(std::max<ssize_t>(n, 0))), "cancelled 17");
    for (const int fd : {ready[0], ready[1], told[0]}) ::close(fd);
  }
}

TEST(OwnOperatorKill, IsNotToldOfAnOrdinaryEnd) {
  DagBag bag;
  bag.add("d").add("quick", QuickJob{});
  EXPECT_THAT(try_of(bag, "d", "quick").types(), ElementsAre("SucceedTask"));
}

}  // namespace
}  // namespace venturi
