// Names that the shells complete, from the home.
#include <algorithm>
#include <set>

#include "cli/completion.h"
#include "cli/home_access.h"

namespace venturi::cli {
namespace {

constexpr int most_runs = 100;

std::string given_dag(const GivenWords& given) {
  for (const char* key : {"dag_id", "dag-id"}) {
    if (const auto found = given.find(key); found != given.end()) return found->second;
  }
  return {};
}

std::vector<Candidate> sections_or_options(std::string_view of, const GivenWords& given) {
  std::vector<Candidate> out;
  std::set<std::string_view> sections;
  const auto section = given.find("section");
  for (const ConfigKey& key : config_keys) {
    if (of == "section") {
      if (sections.insert(key.section).second) out.push_back({std::string(key.section), ""});
    } else if (section == given.end() || section->second == key.section) {
      out.push_back({std::string(key.key), std::string(key.description)});
    }
  }
  return out;
}

template <class Row, class Make>
std::vector<Candidate> each(const Result<std::vector<Row>>& rows, const Make& make) {
  std::vector<Candidate> out;
  if (!rows) return out;
  for (const Row& row : *rows) out.push_back(make(row));
  return out;
}

}  // namespace

std::vector<Candidate> names_of_home(std::string_view of, const GivenWords& given) {
  if (of == "section" || of == "option") return sections_or_options(of, given);
  const auto metadata = open_metadata();
  if (!metadata) return {};
  store::Reader& reader = metadata->reader();
  if (of == "dag_id") {
    return each(reader.dags(), [](const auto& dag) { return Candidate{dag->dag_id, dag->description}; });
  }
  if (of == "conn_id") return each(reader.connections(), [](const Connection& c) { return Candidate{c.conn_id, c.conn_type}; });
  if (of == "pool") {
    auto pools = each(reader.pools(), [](const PoolRecord& pool) { return Candidate{pool.pool, pool.description}; });
    if (std::ranges::none_of(pools, [](const Candidate& c) { return c.word == default_pool; }))
      pools.push_back({default_pool, "Default pool"});
    return pools;
  }
  if (of == "variable")
    return each(reader.variables(), [](const store::VariableRow& row) { return Candidate{row.key, row.description}; });
  if (of == "backfill_id")
    return each(reader.backfills(std::nullopt), [](const Backfill& b) { return Candidate{std::to_string(b.id), b.dag_id}; });
  const std::string dag_id = given_dag(given);
  if (dag_id.empty()) return {};
  if (of == "run_id") {
    return each(reader.runs({.dag_id = dag_id, .limit = most_runs}),
                [](const DagRun& run) { return Candidate{run.run_id, std::string(to_string(run.state))}; });
  }
  std::vector<Candidate> tasks;
  const auto dag = reader.dag(dag_id);
  if (of != "task_id" || !dag || !*dag) return tasks;
  for (const Task& task : (*dag)->tasks) tasks.push_back({task.task_id, task.task_type});
  return tasks;
}

}  // namespace venturi::cli
