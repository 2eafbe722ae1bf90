#include "store/sqlite/list_reader.h"

#include <algorithm>
#include <map>
#include <utility>

#include "store/sqlite/conditions.h"
#include "store/sqlite/dag_rows.h"
#include "store/sqlite/list_orders.h"
#include "store/sqlite/rows.h"

namespace venturi::store {
namespace {

constexpr int lists_cache_kib = 1024;
constexpr std::size_t most_statements = 100, most_versions = 100;

struct Counts {
  std::int64_t runs = 0, task_instances = 0;
};

class SqliteLists final : public Lists {
 public:
  explicit SqliteLists(Database db) : db_(std::move(db)) {}

  Result<DagPage> dags() override { return dags_where("ORDER BY d.dag_id", {}); }
  Result<std::optional<DagRow>> dag(std::string_view dag_id) override {
    auto page = dags_where("AND d.dag_id = ?", {std::string(dag_id)});
    if (!page) return std::unexpected(std::move(page.error()));
    return page->empty() ? std::nullopt : std::optional(std::move(page->front()));
  }
  Result<RunPage> runs(const RunList& list) override;
  Result<TaskInstancePage> task_instances(const TaskInstanceList& list) override;
  Result<TaskInstancePage> task_instance(const DagRun& run, const std::string& task_id, std::optional<std::int32_t> map_index,
                                         std::optional<TaskInstanceNo> likely) override;
  Result<std::vector<TaskInstance>> ended_tries(TaskInstanceNo task_instance) override {
    Statement& asked = statement(select_sql<TaskInstance>("WHERE no = ? ORDER BY try_number, id", "task_instance_history"));
    return read_rows<TaskInstance>(db_, asked.bind_list(std::vector<Bound>{task_instance}));
  }
  Result<std::int64_t> rows_to_visit(const RunList& list) override;
  Result<std::int64_t> rows_to_visit(const TaskInstanceList& list) override;
  void interrupt() override { sqlite3_interrupt(db_.handle()); }

  Result<std::vector<Plan>> plans() const;

  Result<void> add_functions();

 private:
  Statement& statement(const std::string& sql) {
    if (statements_.size() >= most_statements && !statements_.contains(sql)) statements_.clear();
    return statements_.try_emplace(sql, db_, sql).first->second;
  }
  Result<DagPage> dags_where(std::string_view rest, const std::vector<Bound>& values);
  Result<std::int64_t> integer(const std::string& sql, const std::vector<Bound>& values);
  Result<Counts> count(const RunConditions& conditions);
  Result<std::int64_t> total_of(const RunConditions& of, const Conditions& conditions);
  Result<std::int64_t> total_of(const TaskInstanceList& list, const Conditions& conditions, const std::optional<DagRun>& run);
  Result<std::optional<DagRun>> one_run(const RunConditions& of);
  Result<void> add_notes(RunPage& page);
  Result<void> add_texts(TaskInstancePage& page);
  Result<std::optional<std::string>> text(const std::string& sql, const std::vector<Bound>& values);

  Database db_;
  std::map<std::string, Statement> statements_;  // by their texts
  Statement version_{db_, select_dags_sql("WHERE v.version_id = ?1")};
  std::map<std::string, std::shared_ptr<const Dag>, std::less<>> versions_;
  const TaskInstanceList* asked_ = nullptr;  // by the functions of a statement under way
  std::map<std::string, std::map<std::string, bool, std::less<>>, std::less<>> fitting_;

  const Task* task_of(std::string_view version_id, std::string_view task_id, const Dag*& dag);
  static void fits(sqlite3_context* context, int, sqlite3_value** values);
  static void operator_of(sqlite3_context* context, int, sqlite3_value** values);
};

// All that one answer reads is of one moment.
class Moment {
 public:
  explicit Moment(Database& db) : db_(db), begun_(db.execute("BEGIN")) {}
  ~Moment() {
    if (begun_) (void)db_.execute("COMMIT");  // nothing was written
  }
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;
  [[nodiscard]] const Result<void>& begun() const { return begun_; }

 private:
  Database& db_;
  Result<void> begun_;
};

std::string_view text_of(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

const Task* SqliteLists::task_of(std::string_view version_id, std::string_view task_id, const Dag*& dag) {
  auto known = versions_.find(version_id);
  if (known == versions_.end()) {
    if (versions_.size() >= most_versions) versions_.clear();
    auto read = read_dags(db_, version_.bind(version_id), Time{});
    // One that is unreadable has no tasks: its runs are shown, and none of their task instances fits.
    auto found = read && !read->dags.empty() ? read->dags.front() : nullptr;
    known = versions_.emplace(std::string(version_id), std::move(found)).first;
  }
  dag = known->second.get();
  const auto index = dag == nullptr ? std::nullopt : dag->find_task(task_id);
  return index ? &dag->tasks[*index] : nullptr;
}

void SqliteLists::fits(sqlite3_context* context, int, sqlite3_value** values) {
  auto& self = *static_cast<SqliteLists*>(sqlite3_user_data(context));
  const std::string_view version = text_of(values[0]), task_id = text_of(values[1]);
  auto of_version = self.fitting_.find(version);
  if (of_version == self.fitting_.end()) of_version = self.fitting_.try_emplace(std::string(version)).first;
  auto known = of_version->second.find(task_id);
  if (known == of_version->second.end()) {
    const Dag* dag = nullptr;
    const Task* task = self.task_of(version, task_id, dag);
    known = of_version->second.emplace(std::string(task_id), task != nullptr && self.asked_->fits(*dag, *task)).first;
  }
  sqlite3_result_int(context, known->second ? 1 : 0);
}

void SqliteLists::operator_of(sqlite3_context* context, int, sqlite3_value** values) {
  auto& self = *static_cast<SqliteLists*>(sqlite3_user_data(context));
  const Dag* dag = nullptr;
  const Task* task = self.task_of(text_of(values[0]), text_of(values[1]), dag);
  if (task == nullptr) return sqlite3_result_null(context);
  sqlite3_result_text64(context, task->task_type.data(), task->task_type.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

Result<void> SqliteLists::add_functions() {
  const auto add = [&](const char* name, void (*function)(sqlite3_context*, int, sqlite3_value**)) {
    return sqlite3_create_function_v2(db_.handle(), name, 2, SQLITE_UTF8, this, function, nullptr, nullptr, nullptr) ==
           SQLITE_OK;
  };
  if (!add("task_fits", &fits) || !add("operator_of", &operator_of)) return std::unexpected(db_.error("opening lists"));
  return {};
}

Result<std::vector<Plan>> SqliteLists::plans() const {
  std::vector<Plan> all;
  for (const auto& [sql, statement] : statements_) {
    Plan& plan = all.emplace_back(sql, "");
    Statement explain(db_, "EXPLAIN QUERY PLAN " + sql);
    explain.bind();
    while (explain.next()) {
      std::int64_t skipped = 0;
      std::string step;
      Columns columns = explain.row();
      columns.read(skipped, skipped, skipped, step);
      plan.steps += step + "\n";
    }
    if (!explain.ok()) return std::unexpected(db_.error("explaining " + sql));
  }
  return all;
}

Result<DagPage> SqliteLists::dags_where(std::string_view rest, const std::vector<Bound>& values) {
  DagPage page;
  Statement& asked =
      statement("SELECT " + prefixed_columns<DagState>("d") +
                ", v.version_id, v.bundle, v.relative_fileloc, v.fileloc, EXISTS (SELECT 1 FROM import_error AS e "
                "WHERE e.filename = v.relative_fileloc AND e.bundle = v.bundle) FROM dag AS d "
                "JOIN dag_version AS v ON v.version_id = d.version_id WHERE d.is_stale = 0 " +
                std::string(rest));
  asked.bind_list(values);
  while (asked.next()) {
    DagRow& row = page.emplace_back();
    Columns columns = asked.row();
    std::apply([&](auto&... fields) { columns.read(fields...); }, Row<DagState>::fields(row.state));
    columns.read(row.version_id, row.bundle, row.relative_fileloc, row.fileloc, row.has_import_error);
  }
  if (!asked.ok()) return std::unexpected(db_.error("reading DAGs"));
  return page;
}

// ---- counting ------------------------------------------------------------------------------------------------------------

Result<std::int64_t> SqliteLists::integer(const std::string& sql, const std::vector<Bound>& values) {
  Statement& asked = statement(sql);
  std::int64_t found = 0;
  if (asked.bind_list(values).next()) asked.row().read(found);
  asked.reset();
  if (!asked.ok()) return std::unexpected(db_.error("counting what a list asks for"));
  return found;
}

// Of the DAG, the states and the run types that are asked for, whatever else is.
Result<Counts> SqliteLists::count(const RunConditions& of) {
  Conditions conditions;
  if (of.dag_id) conditions.add("dag_id = ?", {*of.dag_id});
  conditions.one_of("state", words_of(of.states));
  conditions.one_of("run_type", words_of(of.run_types));
  Statement& asked =
      statement("SELECT ifnull(sum(runs), 0), ifnull(sum(task_instances), 0) FROM dag_run_count" + conditions.where());
  Counts counts;
  if (asked.bind_list(conditions.values()).next()) asked.row().read(counts.runs, counts.task_instances);
  asked.reset();
  if (!asked.ok()) return std::unexpected(db_.error("reading the counts of runs"));
  return counts;
}

Result<std::int64_t> SqliteLists::total_of(const RunConditions& of, const Conditions& conditions) {
  if (is_counted(of)) {
    const auto counts = count(of);
    if (!counts) return std::unexpected(counts.error());
    return counts->runs;
  }
  return integer("SELECT count(*) FROM dag_run AS r" + index_of_filter(of) + conditions.where(), conditions.values());
}

Result<std::int64_t> SqliteLists::rows_to_visit(const RunList& list) {
  // No index has the type: runs of others are passed over.
  RunConditions of_any_type = list.conditions;
  of_any_type.run_types.clear();
  const auto counts = count(of_any_type);
  if (!counts) return std::unexpected(counts.error());
  if (!is_counted(list.conditions) || !has_index(list)) return counts->runs;
  const std::int64_t page = std::min(counts->runs, list.limit + std::min(counts->runs, list.offset));
  if (list.conditions.run_types.empty()) return page;
  const auto fitting = count(list.conditions);
  if (!fitting) return std::unexpected(fitting.error());
  if (fitting->runs == 0) return 0;  // and nothing is looked for
  return std::min(counts->runs, page * (counts->runs / fitting->runs + 1));
}

Result<std::int64_t> SqliteLists::rows_to_visit(const TaskInstanceList& list) {
  if (list.conditions.dag_id && list.conditions.run_id) {
    auto run = one_run(list.conditions);
    if (!run) return std::unexpected(std::move(run.error()));
    return *run ? (**run).created_task_instances : 0;
  }
  RunConditions of = list.conditions;
  if (are_active(list.states)) of.states = {RunState::queued, RunState::running};
  auto counts = count(of);
  if (!counts) return std::unexpected(std::move(counts.error()));
  std::int64_t passed = 0;  // runs of other types, as no index has the type
  if (!of.run_types.empty() && counts->runs > 0) {
    of.run_types.clear();
    const auto all = count(of);
    if (!all) return std::unexpected(all.error());
    passed = all->runs;
  }
  const bool is_page = is_of_runs_alone(list) && is_counted(list.conditions) && list.order.empty();
  const std::int64_t first = list.limit + std::min(counts->task_instances, list.offset);
  return passed + (is_page ? std::min(counts->task_instances, first) : counts->task_instances);
}

// ---- runs ----------------------------------------------------------------------------------------------------------------

Result<RunPage> SqliteLists::runs(const RunList& list) {
  const Moment moment(db_);
  if (!moment.begun()) return std::unexpected(moment.begun().error());
  Conditions conditions;
  add_conditions(conditions, list.conditions);
  RunPage page;
  const auto total = total_of(list.conditions, conditions);
  if (!total) return std::unexpected(total.error());
  page.total = *total;
  if (list.limit <= 0 || list.offset >= page.total) return page;

  // By the order, passing over what is not wanted, or by the filter, sorting what is: whatever visits fewer rows.
  RunConditions anything;
  anything.dag_id = list.conditions.dag_id;
  const auto all = count(anything);
  if (!all) return std::unexpected(all.error());
  const std::int64_t passed = (list.offset + list.limit) * (all->runs / page.total + 1);
  const bool by_order = has_index(list) && !gives_order(list) && (!has_filter_index(list.conditions) || passed < page.total);
  std::vector<Bound> values = conditions.values();
  values.emplace_back(list.limit);
  values.emplace_back(list.offset);
  Statement& asked = statement("SELECT " + prefixed_columns<DagRun>("r") + " FROM dag_run AS r" +
                               (by_order ? index_of_order(list) : index_of_filter(list.conditions)) + conditions.where() +
                               " ORDER BY " + order_by(list.order) + " LIMIT ? OFFSET ?");
  auto rows = read_rows<DagRun>(db_, asked.bind_list(values));
  if (!rows) return std::unexpected(std::move(rows.error()));
  page.runs = std::move(*rows);
  if (auto added = add_notes(page); !added) return std::unexpected(std::move(added.error()));
  return page;
}

Result<std::optional<std::string>> SqliteLists::text(const std::string& sql, const std::vector<Bound>& values) {
  Statement& asked = statement(sql);
  std::optional<std::string> found;
  if (asked.bind_list(values).next()) asked.row().read(found);
  asked.reset();
  if (!asked.ok()) return std::unexpected(db_.error("reading what belongs to a list"));
  return found;
}

Result<void> SqliteLists::add_notes(RunPage& page) {
  page.notes.resize(page.runs.size());
  const auto any = integer("SELECT EXISTS (SELECT 1 FROM note)", {});
  if (!any) return std::unexpected(any.error());
  for (std::size_t i = 0; i < page.runs.size() && *any != 0; ++i) {
    auto note = text("SELECT content FROM note WHERE run_no = ? AND task_instance_no = 0", {page.runs[i].no});
    if (!note) return std::unexpected(std::move(note.error()));
    page.notes[i] = std::move(*note);
  }
  return {};
}

// ---- task instances ------------------------------------------------------------------------------------------------------

Result<std::optional<DagRun>> SqliteLists::one_run(const RunConditions& of) {
  Statement& asked = statement(select_sql<DagRun>("WHERE dag_id = ? AND run_id = ?"));
  auto rows = read_rows<DagRun>(db_, asked.bind_list(std::vector<Bound>{*of.dag_id, *of.run_id}));
  if (!rows) return std::unexpected(std::move(rows.error()));
  if (rows->empty()) return std::optional<DagRun>();
  return std::move(rows->front());
}

Result<std::int64_t> SqliteLists::total_of(const TaskInstanceList& list, const Conditions& conditions,
                                           const std::optional<DagRun>& run) {
  constexpr std::int64_t most_counted = 20'000;  // some 5 ms
  if (is_of_runs_alone(list)) {
    if (run && run->created_task_instances > most_counted) return run->created_task_instances;
    if (!run && is_counted(list.conditions)) {
      const auto counts = count(list.conditions);
      if (!counts) return std::unexpected(counts.error());
      if (counts->task_instances > most_counted) return counts->task_instances;
    }
  }
  // Some of a run's numbers may have no row: those of tasks whose own dates leave its date out.
  return integer("SELECT count(*)" + tables_of(list, {}, run.has_value()) + conditions.where(), conditions.values());
}

Result<TaskInstancePage> SqliteLists::task_instances(const TaskInstanceList& list) {
  const Moment moment(db_);
  if (!moment.begun()) return std::unexpected(moment.begun().error());
  asked_ = &list;
  fitting_.clear();
  TaskInstancePage page;
  std::optional<DagRun> run;
  Conditions conditions;
  if (list.conditions.dag_id && list.conditions.run_id) {
    auto found = one_run(list.conditions);
    if (!found) return std::unexpected(std::move(found.error()));
    if (!*found) return page;
    run = std::move(*found);
    conditions.add("r.no = ?", {run->no});
  }
  add_conditions(conditions, list, run.has_value());
  const auto total = total_of(list, conditions, run);
  if (!total) return std::unexpected(total.error());
  page.total = *total;
  if (list.limit <= 0 || list.offset >= page.total) return page;

  std::vector<Bound> values = conditions.values();
  values.emplace_back(list.limit);
  values.emplace_back(list.offset);
  Statement& asked = statement("SELECT " + prefixed_columns<TaskInstance>("t") + tables_of(list, list.order, run.has_value()) +
                               conditions.where() + " ORDER BY " + order_by(list) + " LIMIT ? OFFSET ?");
  auto rows = read_rows<TaskInstance>(db_, asked.bind_list(values));
  if (!rows) return std::unexpected(std::move(rows.error()));
  page.task_instances = std::move(*rows);
  std::vector<RunNo> numbers;
  for (const TaskInstance& ti : page.task_instances) numbers.push_back(ti.run);
  std::ranges::sort(numbers);
  numbers.erase(std::ranges::unique(numbers).begin(), numbers.end());
  for (const RunNo no : numbers) {
    if (run) break;
    auto one = read_rows<DagRun>(db_, statement(select_sql<DagRun>("WHERE no = ?")).bind_list(std::vector<Bound>{no}));
    if (!one) return std::unexpected(std::move(one.error()));
    std::ranges::move(*one, std::back_inserter(page.runs));
  }
  if (run) page.runs.push_back(std::move(*run));
  if (auto added = add_texts(page); !added) return std::unexpected(std::move(added.error()));
  return page;
}

Result<TaskInstancePage> SqliteLists::task_instance(const DagRun& run, const std::string& task_id,
                                                    std::optional<std::int32_t> map_index,
                                                    std::optional<TaskInstanceNo> likely) {
  const Moment moment(db_);
  if (!moment.begun()) return std::unexpected(moment.begun().error());
  const auto look = [&](TaskInstanceNo from, TaskInstanceNo to) {
    Conditions conditions;
    conditions.add("no >= ? AND no < ?", {from, to});
    conditions.add("task_id = ?", {task_id});
    if (map_index) conditions.add("map_index = ?", {std::int64_t{*map_index}});
    Statement& asked = statement(select_sql<TaskInstance>(conditions.where() + " ORDER BY no LIMIT 1"));
    return read_rows<TaskInstance>(db_, asked.bind_list(conditions.values()));
  };
  auto rows = likely ? look(*likely, *likely + 1) : Result<std::vector<TaskInstance>>();
  if (rows && rows->empty()) rows = look(run.first_task_instance, run.first_task_instance + run.created_task_instances);
  if (!rows) return std::unexpected(std::move(rows.error()));
  TaskInstancePage page;
  page.task_instances = std::move(*rows);
  page.runs = {run};
  page.total = std::ssize(page.task_instances);
  if (auto added = add_texts(page); !added) return std::unexpected(std::move(added.error()));
  return page;
}

Result<void> SqliteLists::add_texts(TaskInstancePage& page) {
  page.notes.resize(page.task_instances.size());
  page.rendered_map_indexes.resize(page.task_instances.size());
  const auto notes = integer("SELECT EXISTS (SELECT 1 FROM note)", {});
  if (!notes) return std::unexpected(notes.error());
  for (std::size_t i = 0; i < page.task_instances.size(); ++i) {
    const TaskInstance& ti = page.task_instances[i];
    if (*notes != 0) {
      auto note = text("SELECT content FROM note WHERE run_no = ? AND task_instance_no = ?", {ti.run, ti.no});
      if (!note) return std::unexpected(std::move(note.error()));
      page.notes[i] = std::move(*note);
    }
    if (ti.map_index < 0) continue;
    auto name = text("SELECT name FROM rendered_map_index WHERE task_instance_no = ?", {ti.no});
    if (!name) return std::unexpected(std::move(name.error()));
    page.rendered_map_indexes[i] = std::move(*name);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Lists>> open_sqlite_lists(const std::string& path) {
  auto db = Database::open(path, Database::Access::read_only, lists_cache_kib);
  if (!db) return std::unexpected(std::move(db.error()));
  // An index that SQLite would make for one statement: it takes reading the whole table.
  if (auto set = db->execute("PRAGMA automatic_index = OFF"); !set) return std::unexpected(std::move(set.error()));
  auto lists = std::make_unique<SqliteLists>(std::move(*db));
  if (auto added = lists->add_functions(); !added) return std::unexpected(std::move(added.error()));
  return lists;
}

Result<std::vector<Plan>> plans_of(Lists& lists) {
  return dynamic_cast<SqliteLists&>(lists).plans();
}

}  // namespace venturi::store
