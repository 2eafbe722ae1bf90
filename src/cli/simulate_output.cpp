#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "cli/simulate_parts.h"

namespace venturi::cli {
namespace {

using pages::lateness;
using pages::span_text;
using pages::to_string;
using pages::why_late;

constexpr std::size_t most_rows = 40;  // of a table; json has all

Value time_value(const std::optional<Time>& time) {
  return time ? Value(format_time_offset(*time)) : Value();
}
// To the second: for people.
std::string clock_text(const std::optional<Time>& time) {
  return time ? format_time(std::chrono::floor<std::chrono::seconds>(*time)) : std::string();
}

std::string section(const std::string& title, Rows rows) {
  const std::size_t all = rows.rows.size();
  if (all == 0) return {};
  std::string more;
  if (all > most_rows) {
    rows.rows.resize(most_rows);
    more = fmt::format("... and {} more; -o json has all\n", all - most_rows);
  }
  return "\n" + title + "\n" + format_rows(rows, OutputFormat::table) + more;
}

struct DagSum {
  std::size_t runs = 0, success = 0, failed = 0, late = 0;
  Duration longest{};
};

Rows dag_rows(const sim::Report& report) {
  std::map<std::string, DagSum> sums;
  for (const sim::RunRecord& run : report.runs) {
    DagSum& sum = sums[run.dag->dag_id];
    ++sum.runs;
    sum.success += run.state == RunState::success ? 1 : 0;
    sum.failed += run.state == RunState::failed ? 1 : 0;
    sum.late += why_late(report, run).empty() ? 0 : 1;
    if (run.start_date && run.end_date) sum.longest = std::max(sum.longest, *run.end_date - *run.start_date);
  }
  Rows rows{{"dag_id", "runs", "success", "failed", "not ended", "late", "longest"}, {}};
  for (const auto& [dag_id, sum] : sums) {
    rows.rows.push_back({dag_id, static_cast<std::int64_t>(sum.runs), static_cast<std::int64_t>(sum.success),
                         static_cast<std::int64_t>(sum.failed), static_cast<std::int64_t>(sum.runs - sum.success - sum.failed),
                         static_cast<std::int64_t>(sum.late), span_text(sum.longest)});
  }
  return rows;
}

Rows run_rows(const sim::Report& report) {
  Rows rows{{"dag_id", "run_after", "start", "end", "state", "late by", "why"}, {}};
  for (const sim::RunRecord& run : report.runs) {
    const auto late = lateness(run);
    std::string why = why_late(report, run);
    if (run.is_timed_out) why += (why.empty() ? "" : "; ") + std::string("dagrun_timeout was over");
    for (const std::string& missed : run.missed_deadlines) why += (why.empty() ? "" : "; ") + missed;
    rows.rows.push_back({run.dag->dag_id, clock_text(run.run_after), clock_text(run.start_date), clock_text(run.end_date),
                         to_string(run.state), late && *late > Duration{} ? span_text(*late) : "", why});
  }
  return rows;
}

Rows wait_rows(const sim::Report& report) {
  Rows rows{{"dag_id", "task_id", "waited for", "tries", "in all", "longest"}, {}};
  for (const sim::WaitSum& sum : sim::sum_waits(report)) {
    rows.rows.push_back({sum.dag_id, sum.task_id, sim::to_string(sum.cause), static_cast<std::int64_t>(sum.tries),
                         span_text(sum.total), span_text(sum.longest)});
  }
  return rows;
}

Rows pool_rows(const sim::Report& report) {
  Rows rows{{"pool", "slots", "most taken", "on average", "full for"}, {}};
  for (const auto& [name, pool] : report.pools) {
    if (pool.most == 0) continue;
    rows.rows.push_back({name, pool.slots < 0 ? Value("no limit") : Value(pool.slots), pool.most,
                         fmt::format("{:.2f}", pool.average), span_text(pool.full)});
  }
  return rows;
}

Rows never_rows(const sim::Report& report) {
  Rows rows{{"dag_id", "run_after", "task_id", "what is in the way", "reason"}, {}};
  for (const sim::NeverStarted& never : report.never_started) {
    const sim::RunRecord& run = report.runs[never.run];
    const std::string name = never.map_index < 0 ? never.task_id : fmt::format("{} [{}]", never.task_id, never.map_index);
    rows.rows.push_back({run.dag->dag_id, clock_text(run.run_after), name, never.name, never.reason});
  }
  return rows;
}

// ---- json ----------------------------------------------------------------------------------------------------------------

Value run_json(const sim::RunRecord& run) {
  Object states;
  for (std::size_t state = 0; state < run.ended_as.size(); ++state) {
    if (run.ended_as[state] != 0)
      states.add(std::string(to_string(static_cast<TaskState>(state))), static_cast<std::int64_t>(run.ended_as[state]));
  }
  const auto late = lateness(run);
  return Object{{"dag_id", run.dag->dag_id},
                {"run_id", run.run_id},
                {"logical_date", time_value(run.logical_date)},
                {"run_after", time_value(run.run_after)},
                {"queued_at", time_value(run.queued_at)},
                {"start_date", time_value(run.start_date)},
                {"end_date", time_value(run.end_date)},
                {"state", to_string(run.state)},
                {"late_s", late ? Value(to_seconds(*late)) : Value()},
                {"dagrun_timeout", run.is_timed_out},
                {"missed_deadlines", Array(run.missed_deadlines.begin(), run.missed_deadlines.end())},
                {"task_states", std::move(states)}};
}

Value try_json(const sim::Report& report, const sim::TryRecord& record) {
  const sim::RunRecord& run = report.runs[record.run];
  return Object{{"dag_id", run.dag->dag_id},
                {"run_id", run.run_id},
                {"task_id", run.dag->tasks[record.task].task_id},
                {"map_index", record.map_index},
                {"try_number", record.try_number},
                {"ready", time_value(record.ready)},
                {"start_date", time_value(record.start)},
                {"end_date", time_value(record.end)},
                {"outcome", record.ending ? Value(to_string(*record.ending)) : Value()},
                {"waited_s", to_seconds(record.start - record.ready)},
                {"waited_for", record.cause == sim::WaitCause::none ? Value() : Value(sim::to_string(record.cause))}};
}

Value pool_json(const sim::PoolUse& pool) {
  Array taken;
  for (const auto& [at, slots] : pool.taken) taken.emplace_back(Array{Value(format_time_offset(at)), Value(slots)});
  return Object{{"slots", pool.slots},
                {"most", pool.most},
                {"average", pool.average},
                {"full_s", to_seconds(pool.full)},
                {"taken", std::move(taken)}};
}

}  // namespace

std::string simulation_table(const Simulation& simulation) {
  const sim::Report& report = simulation.report;
  std::string out = fmt::format("Simulated from {} to {}: {} runs, {} tries, seed {}\n", clock_text(report.from),
                                clock_text(report.to), report.runs.size(), report.tries.size(), simulation.seed);
  out += section("DAGs", dag_rows(report));
  out += section("Runs", run_rows(report));
  out += section("Waits, the longest in all first", wait_rows(report));
  out += section("Pools", pool_rows(report));
  out += section("Did not start by the end", never_rows(report));
  out += "\nNotes\n";
  for (const std::string& note : simulation.notes) out += "- " + printable(note, false) + "\n";
  return out;
}

Value simulation_json(const Simulation& simulation) {
  const sim::Report& report = simulation.report;
  Array runs, tries, waits, never, notes;
  for (const auto& run : report.runs) runs.emplace_back(run_json(run));
  for (const auto& record : report.tries) tries.emplace_back(try_json(report, record));
  for (const auto& sum : sim::sum_waits(report)) {
    waits.emplace_back(Object{{"dag_id", sum.dag_id},
                              {"task_id", sum.task_id},
                              {"waited_for", sim::to_string(sum.cause)},
                              {"tries", static_cast<std::int64_t>(sum.tries)},
                              {"total_s", to_seconds(sum.total)},
                              {"longest_s", to_seconds(sum.longest)}});
  }
  for (const auto& one : report.never_started) {
    const sim::RunRecord& run = report.runs[one.run];
    never.emplace_back(Object{{"dag_id", run.dag->dag_id},
                              {"run_id", run.run_id},
                              {"task_id", one.task_id},
                              {"map_index", one.map_index},
                              {"dependency", one.name},
                              {"reason", one.reason}});
  }
  Object pools;
  for (const auto& [name, pool] : report.pools) pools.add(name, pool_json(pool));
  for (const std::string& note : simulation.notes) notes.emplace_back(note);
  return Object{{"from", time_value(report.from)},
                {"to", time_value(report.to)},
                {"seed", static_cast<std::int64_t>(simulation.seed)},
                {"transitions", static_cast<std::int64_t>(report.transitions)},
                {"runs", std::move(runs)},
                {"tries", std::move(tries)},
                {"waits", std::move(waits)},
                {"pools", std::move(pools)},
                {"never_started", std::move(never)},
                {"notes", std::move(notes)}};
}

}  // namespace venturi::cli
