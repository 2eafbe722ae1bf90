// What is wrong with a DAG is told with the task, and with what to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>

#include "sdk/dag_node.h"

namespace venturi {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Pair {
  std::int64_t a = 0, b = 0;
};
VENTURI_STRUCT(Pair, a, b);

std::int64_t one() {
  return 1;
}
std::int64_t twice(std::int64_t n) {
  return 2 * n;
}
std::string choose() {
  return "left";
}
bool goes_on() {
  return true;
}
Pair pair() {
  return {};
}
void tell(const CallbackContext&) {}

std::vector<std::string> mistakes_of(const DagOptions& options, const std::function<void(Dag)>& build) {
  DagBag bag;
  build(bag.add("example", options));
  detail::DagNode& dag = *bag.state().find("example");
  internal::check_dag(dag);
  return dag.mistakes;
}
std::vector<std::string> mistakes_of(const std::function<void(Dag)>& build) {
  return mistakes_of({}, build);
}

TEST(CheckDag, AGoodOneHasNone) {
  EXPECT_THAT(mistakes_of([](Dag dag) {
                auto n = dag.task<one>();
                auto branch = dag.branch<choose>();
                auto left = dag.empty("left"), right = dag.empty("right");
                n >> branch >> Tasks{left, right} >> dag.task<twice>()(n);
                dag.short_circuit<goes_on>({.ignore_downstream_trigger_rules = false}) >>
                    dag.task<pair>({.multiple_outputs = true});
              }),
              IsEmpty());
}

TEST(CheckDag, ACycleIsNamedWithItsPath) {
  EXPECT_THAT(mistakes_of([](Dag dag) {
                auto a = dag.empty("a"), b = dag.empty("b"), c = dag.empty("c"), before = dag.empty("before");
                before >> a >> b >> c >> a;
              }),
              ElementsAre("its tasks form a cycle: a -> b -> c -> a; take one of these dependencies away"));
}

TEST(CheckDag, ALongCycleIsToldShort) {
  const auto mistakes = mistakes_of([](Dag dag) {
    std::vector<Output<void>> tasks;
    for (int i = 0; i < 50; ++i) tasks.push_back(dag.empty("t" + std::to_string(i)));
    for (std::size_t i = 0; i < tasks.size(); ++i) tasks[i] >> tasks[(i + 1) % tasks.size()];
  });
  EXPECT_THAT(mistakes, ElementsAre(HasSubstr("t18 -> t19 -> ... -> t0; take")));
}

TEST(CheckDag, ATaskCannotRunAfterItselfOrAfterOneOfAnotherDag) {
  DagBag bag;
  Dag first = bag.add("first"), second = bag.add("second");
  auto a = first.empty("a"), b = second.empty("b");
  a >> a;
  a >> b;
  EXPECT_THAT(bag.state().find("first")->mistakes, ElementsAre("task a: it shall run after itself: take that dependency away"));
  EXPECT_THAT(bag.state().find("second")->mistakes,
              ElementsAre("task b: it shall run after task a, which is of another DAG, first: tasks of different DAGs cannot "
                          "depend on one another"));
}

TEST(CheckDag, IdsAreCheckedAndCountOnce) {
  EXPECT_THAT(
      mistakes_of([](Dag dag) {
        dag.empty("a");
        dag.empty("a");
        dag.empty("no blanks");
      }),
      ElementsAre("two tasks have the task_id a: give each task of a DAG an id of its own",
                  "the task_id \"no blanks\" is not allowed: an id is made of 1 to 250 letters, digits, dashes, dots and "
                  "underscores"));
}

TEST(CheckDag, InputsAreGivenOnce) {
  EXPECT_THAT(mistakes_of([](Dag dag) { (void)dag.task<twice>(); }),
              ElementsAre("task twice: its function has 1 parameter and got no input: give one for each in a second pair of "
                          "parentheses, dag.task<f>()(first, ...)"));
  EXPECT_THAT(mistakes_of([](Dag dag) {
                auto task = dag.task<twice>();
                task(1);
                task(2);
              }),
              ElementsAre(HasSubstr("its function has 1 parameter and got 2 inputs: give them once")));
}

TEST(CheckDag, ConstantsFitTheirParameter) {
  EXPECT_THAT(mistakes_of([](Dag dag) { dag.task("small", [](std::int8_t) {})(300); }),
              ElementsAre("task small: input 1: the constant does not fit the parameter's type int8"));
  EXPECT_THAT(mistakes_of([](Dag dag) { dag.task("real", [](double) {})(std::numeric_limits<double>::infinity()); }),
              ElementsAre(HasSubstr("task real: input 1: a double that is no finite number has no place in JSON")));
}

TEST(CheckDag, ABranchHasSomethingToChoose) {
  EXPECT_THAT(
      mistakes_of([](Dag dag) { dag.branch<choose>(); }),
      ElementsAre("task choose: nothing is below this branch that it could choose: write branch >> task for each choice"));
}

TEST(CheckDag, OptionsGoWithTheirTask) {
  EXPECT_THAT(mistakes_of([](Dag dag) { dag.task<one>({.multiple_outputs = true}); }),
              ElementsAre(HasSubstr("task one: multiple_outputs needs a function that returns a VENTURI_STRUCT")));
  EXPECT_THAT(mistakes_of([](Dag dag) { dag.empty("e", {.multiple_outputs = true}); }),
              ElementsAre(HasSubstr("task e: multiple_outputs is an option of functions")));
  EXPECT_THAT(mistakes_of([](Dag dag) { dag.empty("e", {.light = true}); }),
              ElementsAre("task e: light is an option of functions: a built-in operator needs none, take it away"));
  EXPECT_THAT(mistakes_of({.default_args = {.light = true}}, [](Dag dag) { dag.empty("e"); }), IsEmpty());
  EXPECT_THAT(mistakes_of([](Dag dag) { dag.task<one>({.ignore_downstream_trigger_rules = true}); }),
              ElementsAre(HasSubstr("task one: ignore_downstream_trigger_rules is an option of short circuits")));
  EXPECT_THAT(mistakes_of([](Dag dag) { dag.task<one>({.on_execute_callback = email_to("a@example.com")}); }),
              ElementsAre("task one: on_execute_callback takes functions: a notifier is not run before a task"));
  EXPECT_THAT(mistakes_of([](Dag dag) { dag.empty("e", {.on_execute_callback = tell}); }),
              ElementsAre(HasSubstr("task e: on_execute_callback runs in the process of a task's function")));
}

TEST(CheckDag, NumbersAreInTheirRange) {
  EXPECT_THAT(
      mistakes_of([](Dag dag) {
        dag.task<one>({.retries = -1,
                       .retry_delay = -1s,
                       .retry_exponential_backoff = -0.5,
                       .max_retry_delay = -1s,
                       .retries_on_loss = -1,
                       .execution_timeout = 0s,
                       .pool_slots = 0});
      }),
      ElementsAre("task one: retries has to be at least 0", "task one: retries_on_loss has to be at least 0",
                  "task one: retry_delay has to be at least 0", "task one: retry_exponential_backoff has to be at least 0",
                  "task one: max_retry_delay has to be at least 0",
                  "task one: execution_timeout has to be at least a microsecond; leave it out for none",
                  "task one: pool_slots has to be at least 1"));
  EXPECT_THAT(mistakes_of({.max_active_runs = 0, .max_active_tasks = 0, .dagrun_timeout = 0s}, [](Dag) {}),
              ElementsAre("max_active_runs has to be at least 1", "max_active_tasks has to be at least 1",
                          "dagrun_timeout has to be above 0; leave it out for none"));
}

TEST(CheckDag, DatesAndLimitsOfTasks) {
  const auto build = [](Dag dag) {
    dag.empty("a", {.start_date = "tomorrow"});
    dag.empty("b", {.start_date = "2026-01-02", .end_date = "2026-01-01"});
    dag.empty("c", {.max_active_tis_per_dag = 0, .max_active_tis_per_dagrun = 0});
  };
  EXPECT_THAT(
      mistakes_of({.max_consecutive_failed_dag_runs = -1}, build),
      ElementsAre("max_consecutive_failed_dag_runs has to be at least 0, which means as configured",
                  HasSubstr("task a: start_date: \"tomorrow\" is no date"), "task b: its end_date is before its start_date",
                  "task c: max_active_tis_per_dag has to be at least 1",
                  "task c: max_active_tis_per_dagrun has to be at least 1"));
}

TEST(CheckDag, FailFastWantsAllSuccess) {
  EXPECT_THAT(mistakes_of({.fail_fast = true}, [](Dag dag) { dag.empty("e", {.trigger_rule = TriggerRule::all_done}); }),
              ElementsAre("task e: in a DAG with fail_fast every trigger_rule is all_success, not all_done"));
}

TEST(CheckDag, OperatorsNameWhatTheyNeed) {
  EXPECT_THAT(mistakes_of([](Dag dag) { dag.add(BashOperator{.task_id = "b"}); }),
              ElementsAre("task b: BashOperator needs .bash_command: give it"));
  EXPECT_THAT(mistakes_of([](Dag dag) { dag.add(EmailOperator{.task_id = "m", .subject = "s"}); }),
              ElementsAre("task m: EmailOperator needs .to: give it"));
  EXPECT_THAT(mistakes_of([](Dag dag) { dag.add(PostgresToFileOperator{.task_id = "p"}); }),
              ElementsAre("task p: PostgresToFileOperator needs .sql: give it"));
  EXPECT_THAT(mistakes_of([](Dag dag) { dag.add(CsvToFileOperator{.task_id = "c", .path = "/x.csv", .header = false}); }),
              ElementsAre(HasSubstr("task c: CsvToFileOperator needs .columns where .header is false")));
}

TEST(CheckDag, MembersAreThoseThatTheStructLists) {
  EXPECT_THAT(mistakes_of([](Dag dag) {
                auto both = dag.task<pair>();
                dag.task<twice>()(both.get(&Pair::b));
              }),
              IsEmpty());
}

TEST(CheckDag, Deadlines) {
  const auto mistakes = [](DeadlineReference reference, Callbacks callback) {
    return mistakes_of({.deadline = {{.reference = std::move(reference), .callback = std::move(callback)}}},
                       [](Dag dag) { dag.task<one>(); });
  };
  EXPECT_THAT(mistakes(DeadlineReference::dagrun_queued_at(), tell), IsEmpty());
  EXPECT_THAT(mistakes(DeadlineReference::dagrun_queued_at(), {}),
              ElementsAre("deadline 1 has no callback: nobody would be told of it"));
  EXPECT_THAT(mistakes(DeadlineReference::fixed_datetime("tomorrow"), tell),
              ElementsAre(HasSubstr("deadline 1: \"tomorrow\" is no date")));
  EXPECT_THAT(mistakes(DeadlineReference::average_runtime(3, 5), tell), ElementsAre(HasSubstr("the average of 5 to 3 runs")));
}

}  // namespace
}  // namespace venturi
