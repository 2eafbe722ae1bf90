// A simulation as one HTML file that needs nothing else: lanes by DAG and task over time, waits in another colour with their
// causes, and for each pool how much of it was taken.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/utf8.h"
#include "pages/html.h"
#include "pages/simulation.h"

namespace venturi::pages {
namespace {

constexpr double left = 260, width = 1100, right = 50, lane = 18, head = 26, pool_height = 90;
constexpr std::size_t most_bars = 30'000;  // more than a browser draws at ease
constexpr std::size_t most_task_lanes = 600;
constexpr std::size_t most_rows_of_lane = 12;  // what is beside that lies over each other in the last one

constexpr std::string_view style_of_file = R"(<style>
:root{--back:#fcfcfb;--ink:#1d2530;--soft:#667085;--line:#e3e6ea;--ok:#2f7d6d;--bad:#c2413a;--open:#5b7bb4;--skip:#a7b0bb;--wait:#e2a336;--area:#8fb0d9}
@media(prefers-color-scheme:dark){:root{--back:#14181d;--ink:#e6e9ed;--soft:#98a2b0;--line:#2b323b;--ok:#4fae9a;--bad:#e2675f;--open:#7d9ed9;--skip:#5d6774;--wait:#d99a2b;--area:#41618c}}
body{background:var(--back);color:var(--ink);font:14px/1.5 system-ui,sans-serif;margin:24px auto;max-width:1400px;padding:0 20px}
h1{font-size:20px;margin:0 0 4px}h2{font-size:15px;margin:28px 0 8px}p,li{color:var(--soft)}ul{padding-left:20px}
svg{width:100%;height:auto;display:block}text{fill:var(--ink);font:11px system-ui,sans-serif}text.soft{fill:var(--soft)}text.dag{font-weight:600}
.grid-line{stroke:var(--line)}.success{fill:var(--ok)}.failed,.killed{fill:var(--bad)}.skipped{fill:var(--skip)}.open{fill:var(--open)}.wait{fill:var(--wait)}
.area{fill:var(--area);opacity:.75}.limit{stroke:var(--bad);stroke-dasharray:4 3}rect:hover{opacity:.7}
.key span{display:inline-block;margin-right:16px}.key svg{display:inline-block;width:11px;vertical-align:-1px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}td,th{text-align:left;padding:4px 14px 4px 0;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--soft);font-weight:500}
</style>
)";

std::string date_text(Time t) {
  return format_time(std::chrono::floor<std::chrono::seconds>(t));
}

class Axis {
 public:
  explicit Axis(const sim::Report& report)
      : from_(report.from), seconds_(std::max(to_seconds(report.to - report.from), 1e-6)) {}

  [[nodiscard]] double x(Time t) const { return left + std::clamp(to_seconds(t - from_) / seconds_, 0.0, 1.0) * width; }
  // Lines on round times, five to twelve of them, with their dates above.
  [[nodiscard]] std::string grid(double height) const {
    constexpr double steps[] = {1,     5,     15,    60,     300,    900,     1800,    3600,    7200,    10800,
                                21600, 43200, 86400, 172800, 604800, 1209600, 2592000, 7776000, 31536000};
    double step = steps[std::size(steps) - 1];
    for (const double candidate : steps) {
      if (seconds_ / candidate > 9) continue;
      step = candidate;
      break;
    }
    std::string out;
    const double begin = to_seconds(from_.time_since_epoch());
    const auto first = static_cast<std::int64_t>(std::ceil(begin / step)),
               last = static_cast<std::int64_t>((begin + seconds_) / step);
    for (std::int64_t i = first; i <= last; ++i) {
      const double at = static_cast<double>(i) * step;
      const Time t = Time{} + from_seconds(at);
      const std::string date = format_time(t);
      const std::string label = step < 60       ? date.substr(11, 8)
                                : step >= 86400 ? date.substr(5, 5)
                                                : date.substr(5, 5) + " " + date.substr(11, 5);
      out += fmt::format(
          "<line class=\"grid-line\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"18\" y2=\"{1:.0f}\"/>"
          "<text class=\"soft\" x=\"{0:.1f}\" y=\"12\" text-anchor=\"middle\">{2}</text>\n",
          x(t), height, label);
    }
    return out;
  }

 private:
  Time from_;
  double seconds_;
};

std::string svg(double height, const std::string& content) {
  return fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\">\n{}</svg>\n", left + width + right, height, content);
}

std::string bar(double x1, double x2, double y, std::string_view kind, const std::string& title) {
  return fmt::format(
      "<rect class=\"{}\" x=\"{:.2f}\" y=\"{:.1f}\" width=\"{:.2f}\" height=\"{:.0f}\" rx=\"2\"><title>{}</title></rect>\n",
      kind, x1, y, std::max(x2 - x1, 1.5), lane - 5, escaped(title));
}

// ---- lanes ---------------------------------------------------------------------------------------------------------------

using LaneKey = std::pair<std::string, std::string>;  // dag_id; task_id, or empty for the DAG's own lane

std::map<LaneKey, std::vector<const sim::TryRecord*>> lanes_of(const sim::Report& report) {
  std::map<LaneKey, std::vector<const sim::TryRecord*>> lanes;
  for (const sim::TryRecord& record : report.tries) {
    const Dag& dag = *report.runs[record.run].dag;
    lanes[{dag.dag_id, dag.tasks[record.task].task_id}].push_back(&record);
  }
  if (lanes.size() <= most_task_lanes) return lanes;
  std::map<LaneKey, std::vector<const sim::TryRecord*>> by_dag;
  for (auto& [key, records] : lanes) {
    auto& all = by_dag[{key.first, ""}];
    all.insert(all.end(), records.begin(), records.end());
  }
  return by_dag;
}

std::string draw_try(const sim::Report& report, const sim::TryRecord& record, const Axis& axis, double y) {
  const sim::RunRecord& run = report.runs[record.run];
  std::string name = run.dag->tasks[record.task].task_id;
  if (record.map_index >= 0) name += fmt::format(" [{}]", record.map_index);
  const Time end = record.end.value_or(report.to);
  std::string out;
  if (record.start > record.ready && record.cause != sim::WaitCause::none) {
    out += bar(axis.x(record.ready), axis.x(record.start), y, "wait",
               fmt::format("{} waited {} for {}\n{} to {}\n{}", name, span_text(record.start - record.ready),
                           sim::to_string(record.cause), date_text(record.ready), date_text(record.start), run.run_id));
  }
  return out + bar(axis.x(record.start), axis.x(end), y, record.ending ? to_string(*record.ending) : "open",
                   fmt::format("{}, try {}: {} after {}\n{} to {}\n{}", name, record.try_number,
                               record.ending ? to_string(*record.ending) : "still running", span_text(end - record.start),
                               date_text(record.start), date_text(end), run.run_id));
}

// Which of a lane's rows each try is in, so that those at the same time stand below each other; and how many there are.
std::pair<std::vector<std::size_t>, std::size_t> rows_of(std::vector<const sim::TryRecord*>& records, Time end) {
  std::ranges::sort(records, {}, &sim::TryRecord::ready);
  std::vector<Time> free_at;
  std::vector<std::size_t> rows;
  for (const sim::TryRecord* record : records) {
    auto row =
        static_cast<std::size_t>(std::ranges::find_if(free_at, [&](Time t) { return t <= record->ready; }) - free_at.begin());
    if (row == free_at.size() && row < most_rows_of_lane) free_at.emplace_back();
    row = std::min(row, most_rows_of_lane - 1);
    free_at[row] = std::max(free_at[row], record->end.value_or(end));
    rows.push_back(row);
  }
  return {std::move(rows), free_at.size()};
}

std::string timeline(const sim::Report& report) {
  const Axis axis(report);
  double y = head;
  std::size_t bars = 0;
  std::string content, dag_id;
  auto lanes = lanes_of(report);
  for (auto& [key, records] : lanes) {
    if (key.first != dag_id) {
      dag_id = key.first;
      if (!key.second.empty()) {
        content += fmt::format("<text class=\"dag\" x=\"0\" y=\"{:.1f}\">{}</text>\n", y + 14, escaped(dag_id));
        y += lane + 2;
      }
    }
    content += fmt::format("<text x=\"{}\" y=\"{:.1f}\">{}</text>\n", key.second.empty() ? 0 : 12, y + 10,
                           escaped(shortened(key.second.empty() ? key.first : key.second, 42)));
    const auto [rows, count] = rows_of(records, report.to);
    for (std::size_t i = 0; i < records.size() && ++bars <= most_bars; ++i)
      content += draw_try(report, *records[i], axis, y + lane * static_cast<double>(rows[i]));
    y += lane * static_cast<double>(count);
  }
  std::string out = svg(y + 6, axis.grid(y) + content);
  if (bars > most_bars)
    out += fmt::format("<p>Only the first {} of {} tries are drawn; -o json has all.</p>\n", most_bars, report.tries.size());
  return out;
}

// ---- pools ---------------------------------------------------------------------------------------------------------------

std::string pool_chart(const sim::Report& report, const std::string& name, const sim::PoolUse& pool) {
  const Axis axis(report);
  const double bottom = head + pool_height;
  const auto highest =
      static_cast<double>(std::max<std::int64_t>({pool.most, pool.slots <= pool.most * 3 ? pool.slots : 0, 1}));
  const auto y = [&](double slots) { return bottom - slots / highest * (pool_height - 8); };
  std::string path = fmt::format("M{:.2f},{:.1f}", left, bottom);
  double last = 0;
  for (const auto& [at, taken] : pool.taken) {
    path += fmt::format("L{:.2f},{:.1f}", axis.x(at), y(last));
    last = static_cast<double>(taken);
    path += fmt::format("L{:.2f},{:.1f}", axis.x(at), y(last));
  }
  path += fmt::format("L{0:.2f},{1:.1f}L{0:.2f},{2:.1f}Z", left + width, y(last), bottom);
  std::string content =
      axis.grid(bottom) + fmt::format("<path class=\"area\" d=\"{}\"><title>{}</title></path>\n", path, escaped(name));
  if (pool.slots > 0 && static_cast<double>(pool.slots) <= highest) {
    content += fmt::format("<line class=\"limit\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/>\n", left, left + width,
                           y(static_cast<double>(pool.slots)));
  }
  content += fmt::format(
      "<text class=\"dag\" x=\"0\" y=\"{:.0f}\">{}</text><text class=\"soft\" x=\"0\" y=\"{:.0f}\">{} taken at most, of "
      "{}</text>"
      "<text class=\"soft\" x=\"0\" y=\"{:.0f}\">{:.2f} on average, full for {}</text>\n",
      head + 20, escaped(shortened(name, 36)), head + 38, pool.most, pool.slots < 0 ? "no limit" : std::to_string(pool.slots),
      head + 54, pool.average, span_text(pool.full));
  return svg(bottom + 6, content);
}

// ---- tables --------------------------------------------------------------------------------------------------------------

std::string table(const std::vector<std::string>& columns, const std::vector<std::vector<std::string>>& rows) {
  std::string out = "<table><tr>";
  for (const auto& column : columns) out += "<th>" + escaped(column) + "</th>";
  out += "</tr>\n";
  for (const auto& row : rows) {
    out += "<tr>";
    for (const auto& cell : row) out += "<td>" + escaped(cell) + "</td>";
    out += "</tr>\n";
  }
  return out + "</table>\n";
}

std::string waits(const sim::Report& report) {
  std::vector<std::vector<std::string>> rows;
  for (const sim::WaitSum& sum : sim::sum_waits(report)) {
    if (rows.size() == 100) break;
    rows.push_back({sum.dag_id, sum.task_id, std::string(sim::to_string(sum.cause)), std::to_string(sum.tries),
                    span_text(sum.total), span_text(sum.longest)});
  }
  if (rows.empty()) return "<p>No task waited for a limit.</p>\n";
  return table({"DAG", "task", "waited for", "tries", "in all", "longest"}, rows);
}

std::string never_started(const sim::Report& report) {
  if (report.never_started.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  for (const sim::NeverStarted& never : report.never_started) {
    if (rows.size() == 100) break;
    const sim::RunRecord& run = report.runs[never.run];
    rows.push_back({run.dag->dag_id, run.run_id, never.task_id, never.name, never.reason});
  }
  return "<h2>Did not start by the end</h2>\n" + table({"DAG", "run", "task", "what is in the way", "reason"}, rows);
}

std::string late_runs(const sim::Report& report) {
  std::vector<std::vector<std::string>> rows;
  for (const sim::RunRecord& run : report.runs) {
    const auto late = lateness(run);
    const std::string why = why_late(report, run);
    if (rows.size() == 100 || (why.empty() && !run.is_timed_out)) continue;
    rows.push_back({run.dag->dag_id, run.run_id, late ? span_text(*late) + " late" : "did not begin",
                    run.is_timed_out ? "dagrun_timeout was over" : why});
  }
  return rows.empty() ? std::string() : "<h2>Late runs</h2>\n" + table({"DAG", "run", "how late", "why"}, rows);
}

}  // namespace

std::string simulation_body(const Simulation& simulation) {
  const sim::Report& report = simulation.report;
  std::string out =
      fmt::format("<h1>Simulation</h1>\n<p>{} to {} (UTC): {} runs, {} tries, seed {}</p>\n", date_text(report.from),
                  date_text(report.to), report.runs.size(), report.tries.size(), simulation.seed);
  out += "<p class=\"key\">";
  for (const auto& [kind, name] :
       {std::pair{"success", "success"}, {"failed", "failed"}, {"open", "still running"}, {"wait", "waits for a limit"}})
    out += fmt::format(
        "<span><svg class=\"swatch\" width=\"11\" height=\"11\" aria-hidden=\"true\"><rect class=\"{}\" width=\"11\" "
        "height=\"11\" rx=\"2\"/></svg> {}</span>",
        kind, name);
  out += "</p>\n" + timeline(report) + "<h2>Pools</h2>\n";
  for (const auto& [name, pool] : report.pools) {
    if (pool.most > 0) out += pool_chart(report, name, pool);
  }
  out += "<h2>Waits</h2>\n" + waits(report) + late_runs(report) + never_started(report) + "<h2>Notes</h2>\n<ul>\n";
  for (const std::string& note : simulation.notes) out += "<li>" + escaped(note) + "</li>\n";
  return out + "</ul>\n";
}

std::string simulation_page(const Simulation& simulation) {
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
         "content=\"width=device-width\">"
         "<title>Simulation</title>\n" +
         std::string(style_of_file) + "</head><body>\n" + simulation_body(simulation) + "</body></html>\n";
}

}  // namespace venturi::pages
