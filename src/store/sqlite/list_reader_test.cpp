// Lists against the same list made of all rows by hand, and how each is read: by an index, whatever is asked for.
#include "store/sqlite/list_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <tuple>

#include "store/sqlite/store_fixture.h"

namespace venturi::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int runs_of_each = 200, tasks_of_each = 4;

class ListsTest : public StoreTest {
 protected:
  void SetUp() override {
    store_ = open();
    Batch batch;
    batch.dags = {make_dag("first", "v1", tasks_of_each), make_dag("second", "v2", tasks_of_each)};
    for (int i = 0; i < 2 * runs_of_each; ++i) batch.runs.push_back(run(i));
    for (const DagRun& run : batch.runs) {
      for (int task = 0; task < tasks_of_each; ++task) batch.task_instances.push_back(task_instance(run, task));
    }
    runs_ = batch.runs;
    task_instances_ = batch.task_instances;
    need(store_->commit(batch));
    lists_ = need(open_sqlite_lists(path_));
  }

  // One in 50 failed, one in 100 is queued; what has not begun has no dates. The order of each date is another one.
  static DagRun run(int i) {
    DagRun run = make_run(i + 1, 1 + i * 10, tasks_of_each);
    run.dag_id = i % 2 == 0 ? "first" : "second";
    run.dag_version_id = i % 2 == 0 ? "v1" : "v2";
    run.run_id = "run_" + std::to_string(i * 7919 % 1000);
    run.state = i % 100 == 3 ? RunState::queued : i % 50 == 7 ? RunState::failed : RunState::success;
    run.run_type = i % 40 == 5 ? RunType::manual : RunType::scheduled;
    run.run_after = at(i * 37 % 601 * 1'000'000);
    run.logical_date = i % 40 == 5 ? std::nullopt : std::optional(at(i * 101 % 607 * 1'000'000));
    run.start_date = run.state == RunState::queued ? std::nullopt : std::optional(at(i * 53 % 613 * 1'000'000));
    run.end_date = run.start_date ? std::optional(*run.start_date + std::chrono::seconds(i % 17)) : std::nullopt;
    run.conf = Object{{"number", i}};
    return run;
  }

  static TaskInstance task_instance(const DagRun& run, int task) {
    TaskInstance ti = make_task_instance(run.first_task_instance + task, run.no);
    ti.task_id = "task_" + std::to_string(task);
    ti.map_index = task == 3 ? static_cast<std::int32_t>(run.no % 5) : -1;
    ti.state = run.state == RunState::queued ? TaskState::none
               : (run.no + task) % 11 == 0   ? TaskState::failed
                                             : TaskState::success;
    ti.try_number = 1 + static_cast<std::int32_t>(run.no % 2);
    if (run.state == RunState::queued) {
      ti.start_date = ti.end_date = std::nullopt;
    } else {
      ti.start_date = *run.start_date + std::chrono::microseconds(task * 13 % 5);
      ti.end_date = *ti.start_date + std::chrono::microseconds(task * 7 % 5);
    }
    return ti;
  }

  static std::vector<RunNo> numbers(const std::vector<DagRun>& runs) {
    std::vector<RunNo> all;
    for (const DagRun& run : runs) all.push_back(run.no);
    return all;
  }

  std::unique_ptr<Store> store_;
  std::unique_ptr<Lists> lists_;
  std::vector<DagRun> runs_;
  std::vector<TaskInstance> task_instances_;
};

// ---- runs ----------------------------------------------------------------------------------------------------------------

struct Filter {
  const char* name;
  std::function<void(RunConditions&)> set;
  std::function<bool(const DagRun&)> fits;
  bool is_indexed = true;
};

const std::vector<Filter>& run_filters() {
  static const Time from = at(100'000'000), to = at(140'000'000);
  static const std::vector<Filter> all = {
      {"nothing", [](RunConditions&) {}, [](const DagRun&) { return true; }},
      {"a rare state", [](RunConditions& c) { c.states = {RunState::failed}; },
       [](const DagRun& r) { return r.state == RunState::failed; }},
      {"a common state", [](RunConditions& c) { c.states = {RunState::success}; },
       [](const DagRun& r) { return r.state == RunState::success; }},
      {"states", [](RunConditions& c) { c.states = {RunState::failed, RunState::queued}; },
       [](const DagRun& r) { return r.state == RunState::failed || r.state == RunState::queued; }},
      {"run_type", [](RunConditions& c) { c.run_types = {RunType::manual}; },
       [](const DagRun& r) { return r.run_type == RunType::manual; }},
      {"run_after", [](RunConditions& c) { c.run_after = {.gte = from, .lt = to}; },
       [](const DagRun& r) { return r.run_after >= from && r.run_after < to; }},
      {"logical_date", [](RunConditions& c) { c.logical_date = {.gt = from, .lte = to}; },
       [](const DagRun& r) { return r.logical_date && *r.logical_date > from && *r.logical_date <= to; }},
      {"start_date", [](RunConditions& c) { c.start_date = {.gte = from, .lte = to}; },
       [](const DagRun& r) { return r.start_date && *r.start_date >= from && *r.start_date <= to; }},
      {"end_date", [](RunConditions& c) { c.end_date = {.gte = from}; },
       [](const DagRun& r) { return r.end_date && *r.end_date >= from; }},
      {"duration", [](RunConditions& c) { c.duration = {.gte = 3.0, .lt = 5.0}; },
       [](const DagRun& r) {
         return r.end_date && *r.end_date - *r.start_date >= std::chrono::seconds(3) &&
                *r.end_date - *r.start_date < std::chrono::seconds(5);
       },
       false},
      {"run_id_pattern", [](RunConditions& c) { c.like_run_id.somewhere = "UN_9 | un_8"; },
       [](const DagRun& r) { return r.run_id.starts_with("run_9") || r.run_id.starts_with("run_8"); }, false},
      {"run_id_prefix_pattern", [](RunConditions& c) { c.like_run_id.prefix = "run_12"; },
       [](const DagRun& r) { return r.run_id.starts_with("run_12"); }, false},
      {"conf_contains", [](RunConditions& c) { c.conf_contains = "\"NUMBER\":12"; },
       [](const DagRun& r) { return to_json(r.conf).find("\"number\":12") != std::string::npos; }, false},
      {"dag_version", [](RunConditions& c) { c.version_numbers = {1}; }, [](const DagRun&) { return true; }, false},
      {"another dag_version", [](RunConditions& c) { c.version_numbers = {2, 3}; }, [](const DagRun&) { return false; },
       false}};
  return all;
}

using Key = std::tuple<bool, std::int64_t, std::string>;  // no value, a number, a text

Key key_of(const DagRun& run, RunColumn column) {
  const auto of = [](const std::optional<Time>& time) { return Key(!time, time ? time->time_since_epoch().count() : 0, ""); };
  switch (column) {
    case RunColumn::dag_id:
      return {false, 0, run.dag_id};
    case RunColumn::run_id:
      return {false, 0, run.run_id};
    case RunColumn::run_after:
      return of(run.run_after);
    case RunColumn::logical_date:
      return of(run.logical_date);
    case RunColumn::start_date:
      return of(run.start_date);
    case RunColumn::end_date:
      return of(run.end_date);
    case RunColumn::state:
      return {false, 0, std::string(to_string(run.state))};
    case RunColumn::updated_at:
      return of(run.end_date ? run.end_date : run.start_date ? run.start_date : run.queued_at);
    case RunColumn::duration:
      return {!run.end_date, run.end_date ? (*run.end_date - *run.start_date).count() : 0, ""};
    case RunColumn::conf:
      return {false, 0, to_json(run.conf)};
    default:
      return {false, run.no, ""};
  }
}

constexpr std::pair<RunColumn, bool> run_orders[] = {
    {RunColumn::number, true},       {RunColumn::dag_id, true},     {RunColumn::run_id, false},  {RunColumn::run_after, true},
    {RunColumn::logical_date, true}, {RunColumn::start_date, true}, {RunColumn::end_date, true}, {RunColumn::state, true},
    {RunColumn::updated_at, false},  {RunColumn::duration, false},  {RunColumn::conf, false}};

std::vector<RunNo> expected(const std::vector<DagRun>& runs, const RunList& list, const Filter& filter) {
  const auto [column, descending, unused] = list.order.front();
  std::vector<DagRun> all;
  std::ranges::copy_if(runs, std::back_inserter(all), [&](const DagRun& run) {
    return filter.fits(run) && (!list.conditions.dag_id || run.dag_id == *list.conditions.dag_id);
  });
  std::ranges::sort(all, [&, by = column, turned = descending](const DagRun& a, const DagRun& b) {
    const Key left = key_of(a, by), right = key_of(b, by);
    if (std::get<0>(left) != std::get<0>(right)) return std::get<0>(right);
    if (left != right) return turned ? right < left : left < right;
    return turned ? b.no < a.no : a.no < b.no;
  });
  std::vector<RunNo> page;
  for (auto i = list.offset; i < std::ssize(all) && i < list.offset + list.limit; ++i)
    page.push_back(all[static_cast<std::size_t>(i)].no);
  return page;
}

// A step that looks at every row: SQLite says SCAN, also where it walks along an index in the order that is wanted, which ends
// with the page.
bool scans(const Plan& plan) {
  const bool sorts = plan.steps.find("USE TEMP B-TREE FOR ORDER BY") != std::string::npos;
  const bool counts = plan.sql.starts_with("SELECT count");
  return plan.steps.find("SCAN t") != std::string::npos || plan.steps.find("AUTOMATIC") != std::string::npos ||
         (plan.steps.find("SCAN r") != std::string::npos && (sorts || counts));
}

TEST_F(ListsTest, EachFilterOfRunsInEachOrder) {
  std::set<std::string> looked_at;
  for (const Filter& filter : run_filters()) {
    for (const auto& [column, is_indexed] : run_orders) {
      for (const bool of_dag : {false, true}) {
        for (const bool descending : {false, true}) {
          RunList list{.order = {{column, descending}}, .limit = 20, .offset = 3};
          filter.set(list.conditions);
          if (of_dag) list.conditions.dag_id = "second";
          const RunPage page = need(lists_->runs(list));
          const std::string what = std::string(filter.name) + ", order " + std::to_string(static_cast<int>(column)) +
                                   (descending ? " turned round" : "") + (of_dag ? ", of a DAG" : "");
          EXPECT_EQ(numbers(page.runs), expected(runs_, list, filter)) << what;
          const auto total = std::ranges::count_if(
              runs_, [&](const DagRun& run) { return filter.fits(run) && (!of_dag || run.dag_id == "second"); });
          EXPECT_EQ(page.total, total) << what;
        }
      }
      for (const Plan& plan : need(plans_of(*lists_))) {
        if (!looked_at.insert(plan.sql).second || !is_indexed || !filter.is_indexed) continue;
        EXPECT_FALSE(scans(plan)) << filter.name << "\n" << plan.sql << "\n" << plan.steps;
      }
    }
  }
  EXPECT_GT(looked_at.size(), 300U);
}

TEST_F(ListsTest, CountsFollowEveryWrite) {
  const auto total = [&](RunState state) { return need(lists_->runs({.conditions = {.states = {state}}, .limit = 0})).total; };
  const auto failed = total(RunState::failed), succeeded = total(RunState::success);
  Batch batch;
  DagRun run = runs_[7];
  ASSERT_EQ(run.state, RunState::failed);
  run.state = RunState::success;
  run.created_task_instances = 9;
  batch.runs = {run};
  need(store_->commit(batch));
  EXPECT_EQ(total(RunState::failed), failed - 1);
  EXPECT_EQ(total(RunState::success), succeeded + 1);
  run.run_type = RunType::backfill;  // what an update of the changing columns leaves alone
  batch.runs = {run};
  need(store_->commit(batch));
  EXPECT_EQ(need(lists_->runs({.conditions = {.run_types = {RunType::backfill}}})).total, 1);
  Batch deletion;
  deletion.deleted_runs = {run};
  need(store_->commit(deletion));
  EXPECT_EQ(total(RunState::success), succeeded);
  EXPECT_EQ(need(lists_->runs({.conditions = {.run_types = {RunType::backfill}}})).total, 0);
}

TEST_F(ListsTest, SaysHowMuchAListVisits) {
  EXPECT_EQ(need(lists_->rows_to_visit(RunList{.limit = 20})), 20);
  EXPECT_EQ(need(lists_->rows_to_visit(RunList{.order = {{RunColumn::conf}}, .limit = 20})), 2 * runs_of_each);
  EXPECT_EQ(need(lists_->rows_to_visit(RunList{.limit = 20, .offset = std::numeric_limits<std::int64_t>::max()})),
            2 * runs_of_each);
  const RunConditions rare{.run_types = {RunType::manual}}, none{.run_types = {RunType::backfill}};
  EXPECT_GT(need(lists_->rows_to_visit(RunList{.conditions = rare, .limit = 2})), 2 * 39) << "what is passed over counts";
  EXPECT_EQ(need(lists_->rows_to_visit(RunList{.conditions = rare})), 2 * runs_of_each) << "and not more than there is";
  EXPECT_EQ(need(lists_->rows_to_visit(RunList{.conditions = none})), 0);
  EXPECT_GE(need(lists_->rows_to_visit(TaskInstanceList{.conditions = rare, .limit = 1})), 2 * runs_of_each);
  EXPECT_EQ(need(lists_->rows_to_visit(TaskInstanceList{.conditions = {.dag_id = "first", .run_id = runs_[0].run_id}})),
            tasks_of_each);
  EXPECT_EQ(need(lists_->rows_to_visit(TaskInstanceList{.states = {TaskState::failed}})), 2 * runs_of_each * tasks_of_each);
  EXPECT_LT(need(lists_->rows_to_visit(TaskInstanceList{.states = {TaskState::running}})), 100) << "of active runs alone";
}

// ---- task instances ------------------------------------------------------------------------------------------------------

struct TaskFilter {
  const char* name;
  std::function<void(TaskInstanceList&)> set;
  std::function<bool(const TaskInstance&)> fits;
};

const std::vector<TaskFilter>& task_filters() {
  static const Time from = at(100'000'000), to = at(140'000'000);
  static const std::vector<TaskFilter> all = {
      {"nothing", [](TaskInstanceList&) {}, [](const TaskInstance&) { return true; }},
      {"a state", [](TaskInstanceList& l) { l.states = {TaskState::failed}; },
       [](const TaskInstance& t) { return t.state == TaskState::failed; }},
      {"states", [](TaskInstanceList& l) { l.states = {TaskState::failed, TaskState::none}; },
       [](const TaskInstance& t) { return t.state == TaskState::failed || t.state == TaskState::none; }},
      {"an active state", [](TaskInstanceList& l) { l.states = {TaskState::running}; },
       [](const TaskInstance&) { return false; }},
      {"task_id", [](TaskInstanceList& l) { l.task_id = "task_2"; },
       [](const TaskInstance& t) { return t.task_id == "task_2"; }},
      {"mapped", [](TaskInstanceList& l) { l.only_mapped = true; }, [](const TaskInstance& t) { return t.map_index >= 0; }},
      {"map_index", [](TaskInstanceList& l) { l.map_indexes = {1, 2}; },
       [](const TaskInstance& t) { return t.map_index == 1 || t.map_index == 2; }},
      {"try_number", [](TaskInstanceList& l) { l.try_numbers = {2}; }, [](const TaskInstance& t) { return t.try_number == 2; }},
      {"start_date", [](TaskInstanceList& l) { l.start_date = {.gte = from, .lt = to}; },
       [](const TaskInstance& t) { return t.start_date && *t.start_date >= from && *t.start_date < to; }},
      {"end_date", [](TaskInstanceList& l) { l.end_date = {.lte = to}; },
       [](const TaskInstance& t) { return t.end_date && *t.end_date <= to; }},
      {"duration", [](TaskInstanceList& l) { l.duration = {.gt = 0.0000005}; },
       [](const TaskInstance& t) { return t.end_date && *t.end_date > *t.start_date; }},
      {"rendered_map_index_pattern", [](TaskInstanceList& l) { l.like_rendered_map_index.somewhere = "3"; },
       [](const TaskInstance& t) { return t.map_index == 3; }},
      {"what the DAG says",
       [](TaskInstanceList& l) {
         l.fits = [](const Dag& d, const Task& t) { return d.dag_id == "first" && t.task_id == "task_1"; };
       },
       [](const TaskInstance& t) { return t.run % 2 == 1 && t.task_id == "task_1"; }}};
  return all;
}

TEST_F(ListsTest, EachFilterOfTaskInstancesInEachOrder) {
  using Column = TaskInstanceColumn;
  using Number = std::function<std::int64_t(const TaskInstance&)>;
  constexpr std::int64_t last = std::numeric_limits<std::int64_t>::max();  // no value
  const auto count_of = [](const std::optional<Time>& time) { return time ? time->time_since_epoch().count() : last; };
  const std::vector<std::tuple<Column, RunColumn, Number>> orders = {
      {Column::number, RunColumn::number, [](const TaskInstance& t) { return t.no; }},
      {Column::start_date, RunColumn::number, [=](const TaskInstance& t) { return count_of(t.start_date); }},
      {Column::end_date, RunColumn::number, [=](const TaskInstance& t) { return count_of(t.end_date); }},
      {Column::duration, RunColumn::number,
       [](const TaskInstance& t) { return t.end_date ? (*t.end_date - *t.start_date).count() : last; }},
      {Column::map_index, RunColumn::number, [](const TaskInstance& t) { return std::int64_t{t.map_index}; }},
      {Column::rendered_map_index, RunColumn::number,
       [](const TaskInstance& t) { return t.map_index < 0 ? last : t.map_index; }},
      {Column::try_number, RunColumn::number, [](const TaskInstance& t) { return std::int64_t{t.try_number}; }},
      {Column::task_operator, RunColumn::number, [](const TaskInstance&) { return 0; }},  // all are CppTask
      {Column::of_run, RunColumn::run_after,
       [=, this](const TaskInstance& t) { return count_of(runs_[static_cast<std::size_t>(t.run - 1)].run_after); }},
      {Column::of_run, RunColumn::logical_date,
       [=, this](const TaskInstance& t) { return count_of(runs_[static_cast<std::size_t>(t.run - 1)].logical_date); }}};
  const DagRun& one = runs_[10];
  for (const TaskFilter& filter : task_filters()) {
    for (const auto& [column, of_run, key] : orders) {
      for (const int where : {0, 1, 2}) {  // everywhere, in a DAG, in a run
        for (const bool descending : {false, true}) {
          TaskInstanceList list{.order = {{column, descending, of_run}}, .limit = 30, .offset = where == 2 ? 1 : 5};
          filter.set(list);
          if (where > 0) list.conditions.dag_id = "first";
          if (where == 2) list.conditions.run_id = one.run_id;
          std::vector<const TaskInstance*> all;
          for (const TaskInstance& t : task_instances_) {
            if (filter.fits(t) && (where == 0 || t.run % 2 == 1) && (where < 2 || t.run == one.no)) all.push_back(&t);
          }
          std::ranges::sort(all, [&, turned = descending, by = key](const TaskInstance* a, const TaskInstance* b) {
            const auto left = by(*a), right = by(*b);
            if (left != right) return left != last && (right == last || (turned ? right < left : left < right));
            return turned ? b->no < a->no : a->no < b->no;
          });
          const std::string what = std::string(filter.name) + ", order " + std::to_string(static_cast<int>(column)) +
                                   (descending ? " turned round" : "") + ", where " + std::to_string(where);
          const TaskInstancePage page = need(lists_->task_instances(list));
          EXPECT_EQ(page.total, std::ssize(all)) << what;
          std::vector<TaskInstance> wanted;
          for (auto i = list.offset; i < std::ssize(all) && i < list.offset + list.limit; ++i)
            wanted.push_back(*all[static_cast<std::size_t>(i)]);
          EXPECT_EQ(page.task_instances, wanted) << what;
          for (const TaskInstance& ti : page.task_instances)
            EXPECT_EQ(std::ranges::count(page.runs, ti.run, &DagRun::no), 1) << what;
        }
      }
    }
  }
  for (const Plan& plan : need(plans_of(*lists_))) {
    EXPECT_THAT(plan.steps, Not(HasSubstr("SCAN t"))) << plan.sql << "\n" << plan.steps;
    EXPECT_THAT(plan.steps, Not(HasSubstr("AUTOMATIC"))) << plan.sql << "\n" << plan.steps;
    if (plan.sql.find("r.no = ?") != std::string::npos)
      EXPECT_THAT(plan.steps, Not(HasSubstr("SCAN"))) << plan.sql << "\n" << plan.steps;
  }
}

TEST_F(ListsTest, NotesAndNamesComeWithThem) {
  Batch batch;
  batch.notes = {{runs_[0].no, 0, "of the run"}, {runs_[0].no, runs_[0].first_task_instance + 1, "of a task"}};
  batch.rendered_map_indexes = {{runs_[0].first_task_instance + 3, "Tuesday"}};
  need(store_->commit(batch));
  EXPECT_THAT(need(lists_->runs({.limit = 2})).notes, ElementsAre("of the run", std::nullopt));
  const auto page = need(lists_->task_instances({.conditions = {.dag_id = "first", .run_id = runs_[0].run_id}}));
  EXPECT_THAT(page.notes, ElementsAre(std::nullopt, "of a task", std::nullopt, std::nullopt));
  EXPECT_THAT(page.rendered_map_indexes, ElementsAre(std::nullopt, std::nullopt, std::nullopt, "Tuesday"));
}

TEST_F(ListsTest, FindsOneTaskInstanceOfARun) {
  const DagRun& run = runs_[0];
  const auto find = [&](const std::string& task_id, std::optional<std::int32_t> map_index,
                        std::optional<TaskInstanceNo> likely) {
    return need(lists_->task_instance(run, task_id, map_index, likely)).task_instances;
  };
  EXPECT_THAT(find("task_2", -1, run.first_task_instance + 2), ElementsAre(task_instances_[2]));
  EXPECT_THAT(find("task_2", -1, run.first_task_instance + 1), ElementsAre(task_instances_[2])) << "it stands elsewhere";
  EXPECT_THAT(find("task_2", -1, std::nullopt), ElementsAre(task_instances_[2]));
  EXPECT_THAT(find("task_3", std::nullopt, std::nullopt), ElementsAre(task_instances_[3]));
  EXPECT_THAT(find("task_3", 99, std::nullopt), ElementsAre());
  EXPECT_THAT(find("task_9", -1, run.first_task_instance + 2), ElementsAre());
  Batch batch;
  for (const int number : {2, 1}) {
    batch.ended_tries.push_back(task_instances_[1]);
    batch.ended_tries.back().try_number = number;
  }
  need(store_->commit(batch));
  const auto tries = need(lists_->ended_tries(task_instances_[1].no));
  ASSERT_EQ(tries.size(), 2U);
  EXPECT_EQ(tries[0].try_number, 1);
  EXPECT_THAT(need(lists_->ended_tries(task_instances_[2].no)), ElementsAre());
}

TEST_F(ListsTest, DagsWithoutTheirContent) {
  Batch batch;
  batch.dag_states = {make_dag_state("first")};
  batch.import_errors = {{"second.cpp", "dags-folder", "no", at(0)}};
  need(store_->commit(batch));
  const DagPage page = need(lists_->dags());
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0].state, make_dag_state("first"));
  EXPECT_EQ(page[0].version_id, "v1");
  EXPECT_FALSE(page[0].has_import_error);
  EXPECT_EQ(page[1].state.dag_id, "second");
  EXPECT_TRUE(page[1].has_import_error);
}

}  // namespace
}  // namespace venturi::store
